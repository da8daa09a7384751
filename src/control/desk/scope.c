#include "control/desk/scope.h"

#include "control/desk/look.h"
#include "control/desk/parts.h"
#include "master/spectrum.h"

void
desk_scope(struct desk *d, struct desk_scope *scope)
{
	desk_look_scope(d->look, scope);
}

void
desk_loudness(struct desk *d, struct desk_loudness *loudness)
{
	desk_look_loudness(d->look, loudness);
}

void
desk_figures(struct desk *d, struct desk_figures *figures)
{
	desk_look_figures(d->look, figures);
}

double
desk_bin_hz(int bin)
{
	return spectrum_hertz(bin);
}
