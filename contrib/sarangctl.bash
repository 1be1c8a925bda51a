# SPDX-License-Identifier: Apache-2.0
# Completion of sarangctl's commands in bash. What there is to complete from comes
# from the running server, so that commands of its modules are known too.

_sarangctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local -a words=() where=() candidates=()
    local i line known

    COMPREPLY=()
    case $previous in
        --socket | --config)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return
            ;;
    esac

    # The words of the command so far, and where its server is.
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --socket | --config)
                where=("${COMP_WORDS[i]}" "${COMP_WORDS[i + 1]}")
                ((++i))
                ;;
            -*) ;;
            *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done

    if [[ $cur == -* ]]; then
        candidates=(--json --socket --config --password-stdin)
        [[ ${#words[@]} -gt 0 ]] || candidates+=(--help --version)
    fi
    [[ ${words[0]:-} != help ]] || words=("${words[@]:1}")

    while IFS= read -r line; do
        local -a fields=()
        IFS=$'\t' read -r -a fields <<<"$line"
        local -a command=()
        read -r -a command <<<"${fields[0]}"
        known=${#command[@]}
        if ((${#words[@]} < known)); then
            # Its next word, if those before are the same.
            [[ "${words[*]}" == "${command[*]:0:${#words[@]}}" ]] &&
                candidates+=("${command[${#words[@]}]}")
        elif [[ "${words[*]:0:known}" == "${command[*]}" ]]; then
            for ((i = 1; i < ${#fields[@]}; i++)); do
                case ${fields[i]} in
                    --*) [[ $cur != -* ]] || candidates+=("${fields[i]}") ;;
                    path | input)
                        compopt -o filenames
                        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
                        ;;
                esac
            done
        fi
    done < <("${COMP_WORDS[0]}" "${where[@]}" help --complete 2>/dev/null)

    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "${candidates[*]}" -- "$cur" | sort -u)
}

complete -F _sarangctl sarangctl
