#include "master/predict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
predict_learn(const float *before, const float *behind, int n, double *a)
{
	double ahead[2][PREDICT_MOST], back[2][PREDICT_MOST]; /* errors of both directions, by piece */
	n = n < PREDICT_MOST ? n : PREDICT_MOST;
	for (int i = 0; i < n; i++) {
		ahead[0][i] = back[0][i] = (double)before[i];
		ahead[1][i] = back[1][i] = (double)behind[i];
	}
	memset(a, 0, (PREDICT_ORDER + 1) * sizeof *a);
	a[0] = 1;
	for (int m = 1; m <= PREDICT_ORDER; m++) {
		double both = 0, each = 1e-14 * n, was[PREDICT_ORDER + 1];
		for (int p = 0; p < 2; p++)
			for (int i = m; i < n; i++) {
				both += ahead[p][i] * back[p][i - 1];
				each += ahead[p][i] * ahead[p][i] + back[p][i - 1] * back[p][i - 1];
			}
		double k = -2 * both / each;
		memcpy(was, a, sizeof was);
		for (int i = 1; i < m; i++)
			a[i] = was[i] + k * was[m - i];
		a[m] = k;
		for (int p = 0; p < 2; p++)
			for (int i = n - 1; i >= m; i--) {
				double f = ahead[p][i], b = back[p][i - 1];
				ahead[p][i] = f + k * b;
				back[p][i] = b + k * f;
			}
	}
}

/* Cholesky's way to solve m x = b for a symmetric m of n rows (its lower half is read); x in b. */
static int
solve(double m[][PREDICT_GAP], double *b, int n)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j <= i; j++) {
			double sum = m[i][j];
			for (int k = 0; k < j; k++)
				sum -= m[i][k] * m[j][k];
			if (i == j && sum <= 0)
				return -1;
			m[i][j] = i == j ? sqrt(sum) : sum / m[j][j];
		}
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < i; k++)
			b[i] -= m[i][k] * b[k];
		b[i] /= m[i][i];
	}
	for (int i = n; i-- > 0;) {
		for (int k = i + 1; k < n; k++)
			b[i] -= m[k][i] * b[k];
		b[i] /= m[i][i];
	}
	return 0;
}

int
predict_fill(const double *a, const float *x, int gap, struct filled *out)
{
	double m[PREDICT_GAP][PREDICT_GAP], fill[PREDICT_GAP], like[PREDICT_GAP]; /* like: of the predictor to itself */
	double error[PREDICT_GAP + PREDICT_ORDER];                                /* with an empty gap */
	const float *from = x - gap / 2;
	*out = (struct filled){0, 0, 0};
	for (int i = 0; i < gap + PREDICT_ORDER; i++) {
		double full = 0;
		error[i] = 0;
		for (int j = 0; j <= PREDICT_ORDER; j++) {
			full += a[j] * (double)from[i - j];
			error[i] += i - j < 0 || i - j >= gap ? a[j] * (double)from[i - j] : 0;
		}
		out->was += full * full;
	}
	for (int k = 0; k < gap; k++) {
		like[k] = fill[k] = 0;
		for (int j = 0; j <= PREDICT_ORDER; j++) {
			like[k] += j + k <= PREDICT_ORDER ? a[j] * a[j + k] : 0;
			fill[k] -= a[j] * error[k + j];
		}
	}
	for (int i = 0; i < gap; i++)
		for (int j = 0; j <= i; j++)
			m[i][j] = like[i - j] * (i == j ? 1 + 1e-9 : 1);
	if (solve(m, fill, gap))
		return -1;
	for (int i = 0; i < gap + PREDICT_ORDER; i++) {
		for (int j = 0; j <= PREDICT_ORDER; j++)
			error[i] += i - j >= 0 && i - j < gap ? a[j] * fill[i - j] : 0;
		out->left += error[i] * error[i];
	}
	for (int i = 0; i < gap; i++)
		out->size = fmax(out->size, fabs((double)from[i] - fill[i]));
	/* as many errors are free as frames are behind the gap */
	out->was = sqrt(out->was / PREDICT_ORDER);
	out->left = sqrt(out->left / PREDICT_ORDER);
	return 0;
}
