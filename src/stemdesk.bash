# Completion of stemdesk for bash: everything comes from the program's own tables.

_stemdesk()
{
	local cur=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} words
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$("$program" commands 2>/dev/null | cut -d ' ' -f 1) --help --version --plain"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur"; compgen -f -- "$cur")
		return
	fi
	case $cur in
	-*)
		words=$("$program" "$command" --help 2>/dev/null | sed -n 's/^ .*\(--[a-z-]*\)\(=\{0,1\}\).*/\1\2/p')
		mapfile -t COMPREPLY < <(compgen -W "$words --help" -- "$cur")
		[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
		return
		;;
	esac
	# Words behind the session are addresses: those of the session itself, else the table's.
	case $command in
	set | get)
		if [ "$COMP_CWORD" -gt 2 ]; then
			words=$("$program" get "${COMP_WORDS[2]}" 'strip/*' 'bus/*' 'dca/*' 2>/dev/null | cut -d ' ' -f 1 |
				sed 's,^\([a-z]*/[^/]*\)/.*,\1,' | sort -u)
			words=$("$program" params 2>/dev/null | cut -d ' ' -f 1 | while read -r address; do
				case $address in
				*/ID/*)
					for node in $words; do
						echo "$node/${address#*/ID/}"
					done
					;;
				*) echo "$address" ;;
				esac
			done)
			mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
			return
		fi
		;;
	params)
		words=$("$program" params 2>/dev/null | cut -d ' ' -f 1)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	esac
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

complete -F _stemdesk stemdesk
