package ferrite.board.command;

import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOption;
import ferrite.board.options.MachineOptions;
import ferrite.board.options.RtcDate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Adds the {@linkplain MachineOptions options that describe a machine} to the commands that build one, and reads them.
 */
final class MachineArguments {

    private MachineArguments() { }

    /** The options of {@code run}. */
    static final class OfRun implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec run) {
            MachineOptions.ALL.stream().filter(MachineOption::isForRun)
                    .forEach(option -> run.addOption(spec(option, new BoardOptions()).build()));
            return run;
        }
    }

    /**
     * The options of {@code boot}. Those that it refuses are known too, in order to say why, and are not in its help.
     */
    static final class OfBoot implements IModelTransformer {
        @Override
        public CommandSpec transform(CommandSpec boot) {
            BoardOptions defaults = BoardOptions.ofBoot();
            MachineOptions.ALL.stream().filter(option -> option.isForBoot() || option.refusalOfBoot() != null)
                    .forEach(option -> boot.addOption(spec(option, defaults).hidden(!option.isForBoot()).build()));
            return boot;
        }
    }

    private static OptionSpec.Builder spec(MachineOption option, BoardOptions defaults) {
        if (option.isFlag()) {
            return OptionSpec.builder(option.name()).arity("0").type(boolean.class).description(option.meaning());
        }
        List<String> byDefault = option.write(defaults);
        String meaning = option.meaning() + (byDefault.isEmpty() ? "" : " (default: " + byDefault.get(0) + ")");
        OptionSpec.Builder spec = OptionSpec.builder(option.name()).arity("1").paramLabel(option.label())
                .description(meaning);
        return option.isRepeatable() ? spec.type(List.class).auxiliaryTypes(String.class) : spec.type(String.class);
    }

    /** Reads the options that were given, onto the defaults of the command. */
    static BoardOptions read(ParseResult parsed, BoardOptions defaults) {
        MachineOptions.read(defaults, name -> parsed.hasMatchedOption(name) ? texts(parsed.matchedOption(name))
                : List.of());
        return defaults;
    }

    /** Returns the texts of an option. The host's date becomes that of now, so that a replay has the same one. */
    private static List<String> texts(OptionSpec option) {
        if (option.longestName().equals("--rtc") && option.stringValues().contains("host")) {
            return List.of(RtcDate.write(TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis())));
        }
        return option.arity().max() == 0 ? List.of(MachineOption.SET) : option.stringValues();
    }

    /** Refuses the options of {@code run} that a bare program cannot have on this board. */
    static void refuseInBoot(ParseResult parsed, BoardKind board) {
        for (MachineOption option : MachineOptions.ALL) {
            String refusal = option.refusalOfBoot(board);
            if (refusal != null && parsed.hasMatchedOption(option.name())) {
                throw new UsageException(option.name() + ": " + refusal);
            }
        }
    }
}
