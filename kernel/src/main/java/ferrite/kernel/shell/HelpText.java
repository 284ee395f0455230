package ferrite.kernel.shell;

import ferrite.hardware.monitor.HelpLayout;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.NearNames;
import java.util.ArrayList;
import java.util.List;

/** {@code help}: lists the shell's commands and the debugger's, or explains one with an example. */
final class HelpText {

    /** The forms of a line that are no commands. */
    private static final String[][] FORMS = {
        {"wait", "wait for all commands started with &", "sleep 1 & wait"},
        {"COMMAND &", "run a command in the background", "sleep 1 & wait"},
        {"A | B", "let B read what A prints", "dmesg | grep dma | tail -n 3"},
        {"A && B, A || B", "run B if A succeeded, or failed", "cmp /dev/disk0 /dev/disk1 && echo equal"},
        {"A; B", "run A, then B", "sleep 1; ps"},
        {"A > PATH, >> PATH, < PATH", "write to a file, append to it, read it", "echo hello > /dev/scull0"},
        {"A 2> PATH, 2>&1", "redirect error messages", "cat /none 2>&1 | wc -l"},
        {"$?", "the exit status of the command before", "false || echo $?"},
    };

    private HelpText() { }

    static int run(CommandContext context) {
        String wanted = String.join(" ", context.arguments());
        return wanted.isEmpty() ? all(context) : one(context, wanted);
    }

    private static int all(CommandContext context) {
        StringBuilder out = new StringBuilder();
        context.commands().forEach(command -> HelpLayout.add(out, command.usage(), command.summary()));
        for (String[] form : FORMS) {
            HelpLayout.add(out, form[0], form[1]);
        }
        context.out(out + "\nThe debugger's commands, which only look:\n\n");
        return MonitorBridge.print(context, "help");
    }

    static int one(CommandContext context, String wanted) {
        StringBuilder out = new StringBuilder();
        for (Command command : context.commands()) {
            if (command.name().equals(wanted)) {
                add(out, command.usage(), command.summary(), command.example());
            }
        }
        for (String[] form : FORMS) {
            if (form[0].equals(wanted)) {
                add(out, form[0], form[1], form[2]);
            }
        }
        if (!out.isEmpty()) {
            context.out(out.toString());
            return 0;
        }
        if (context.monitor().find(wanted) != null) {
            return MonitorBridge.print(context, "help " + wanted);
        }
        return context.fail("no help for '" + wanted + "': there is no such command; " + question(context, wanted));
    }

    private static void add(StringBuilder out, String usage, String summary, String example) {
        HelpLayout.explain(out, usage, summary);
        out.append("  for example: ").append(example).append('\n');
    }

    /** Returns a question with the commands whose names are like a word; or where to find all. */
    static String question(CommandContext context, String word) {
        List<String> names = new ArrayList<>(context.commands().stream().map(Command::name).toList());
        names.addAll(context.monitor().commands().stream().map(MonitorCommand::name).toList());
        return NearNames.question(word, names, "'help' lists the commands");
    }
}
