package ferrite.board.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ferrite new}: writes projects to begin with. */
@Command(name = "new", mixinStandardHelpOptions = true, subcommands = NewDriverCommand.class,
        description = "Write a project to begin with.", footer = {"", "Examples:", "  ferrite new driver gadget"})
final class NewCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what is to be new is missing: 'ferrite new driver NAME'");
    }
}
