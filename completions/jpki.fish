# fish completion for jpki. Commands and options, with their descriptions, come from `jpki --help`.

function __jpki_help
    jpki $argv --help 2>/dev/null
end

# The words that were typed before this one, without options and their values.
function __jpki_typed
    set -l takes (__jpki_help --lang en | string match -rg '^  (--[a-z-]+) [A-Z]+ ')
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if string match -q -- '-*' $word
            contains -- $word $takes; and set skip 1
        else
            echo $word
        end
    end
end

# What may stand here: the next word of a command, or a word that the command takes.
function __jpki_words
    set -l typed (__jpki_typed)
    set -l lines (__jpki_help)
    for at in (seq (count $lines))
        set -l parts (string match -rg '^jpki ([a-z]+(?: [a-z]+)*)( .*[^a-z ].*)?$' -- $lines[$at])
        test (count $parts) -gt 0; or continue
        set -l name (string split ' ' -- $parts[1])
        set -l common (math min (count $typed), (count $name))
        test $common = 0; or test "$typed[1..$common]" = "$name[1..$common]"; or continue
        if test (count $typed) -lt (count $name)
            set -l next (math (count $typed) + 1)
            printf '%s\t%s\n' $name[$next] (test $next = (count $name); and string trim -- $lines[(math $at + 1)])
        else
            string match -ra '[a-z][a-z0-9-]*' -- "$parts[2]"
            string match -qr 'FILE|SIGNATURE' -- "$parts[2]"; and __fish_complete_path (commandline -ct)
        end
    end
end

complete -c jpki -f -a '(__jpki_words)'
for line in (__jpki_help)
    set -l option (string match -rg '^  --([a-z-]+)(?: ([A-Z]+))? +(.*)$' -- $line)
    switch "$option[2..-2]"
        case FILE PATH
            complete -c jpki -l $option[1] -d $option[-1] -r -F
        case LANGUAGE
            complete -c jpki -l $option[1] -d $option[-1] -x -a 'ja en zh_CN'
        case FORMAT
            complete -c jpki -l $option[1] -d $option[-1] -x -a 'detached embedded raw'
        case VIEW
            complete -c jpki -l $option[1] -d $option[-1] -x -a 'auth sign both'
        case FOLDER
            complete -c jpki -l $option[1] -d $option[-1] -x -a '(__fish_complete_directories)'
        case ''
            test (count $option) -gt 0; and complete -c jpki -l $option[1] -d $option[-1]
        case '*'
            complete -c jpki -l $option[1] -d $option[-1] -x
    end
end
