package ferrite.board.command;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.board.options.ReplayLine;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command line that repeats a run of {@code ferrite run}: the machine, then the command's other options. */
final class Replay {

    /**
     * Options that change nothing about the run. A replay should not wait for a debugger, nor tell its token, nor
     * replace the files with the results of the first run.
     */
    static final List<String> LEFT_OUT = List.of("--debug", "--debug-expose-csrs", "--debug-gdb-open", "--debug-open",
            "--debug-tls", "--token", "--token-file", "--halt", "--jdwp", "--timeout", "--verbose", "--sarif",
            "--junit");

    private Replay() { }

    /** @param run the parsed options of {@code run} */
    static ReplayLine of(BoardOptions options, ParseResult run) {
        Set<String> machine = MachineOptions.ALL.stream().map(option -> option.name())
                .collect(Collectors.toCollection(TreeSet::new));
        ReplayLine line = ReplayLine.ofRun(options);
        run.matchedOptions().stream().filter(option ->
                !machine.contains(option.longestName()) && !LEFT_OUT.contains(option.longestName()))
                .forEach(option -> line.add(words(option)));
        return line;
    }

    private static List<String> words(OptionSpec option) {
        Stream<String> values = option.arity().max() == 0 ? Stream.of() : option.originalStringValues().stream();
        return Stream.concat(Stream.of(option.longestName()), values).toList();
    }
}
