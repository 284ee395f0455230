package ferrite.kernel.shell;

import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Signal;
import java.util.List;

/** {@code kill}: sends a signal to tasks. Kernel tasks ignore signals. */
final class KillCommand implements Command {

    @Override
    public String name() {
        return "kill";
    }

    @Override
    public String usage() {
        return "kill [-INT|-TERM|-KILL] PID...";
    }

    @Override
    public String summary() {
        return "send tasks a signal that ends them, TERM by default";
    }

    @Override
    public String example() {
        return "sleep 100 & kill 9";
    }

    @Override
    public int run(CommandContext context) {
        List<String> words = context.arguments();
        int signal = Signal.SIGTERM;
        if (!words.isEmpty() && words.get(0).startsWith("-")) {
            signal = signal(words.get(0).substring(1));
            if (signal == 0) {
                return context.fail(words.get(0).substring(1)
                        + ": invalid signal specification; use INT, KILL or TERM");
            }
            words = words.subList(1, words.size());
        }
        if (words.isEmpty()) {
            return context.fail("missing process ID; usage: " + usage()) + 1;
        }
        int status = 0;
        for (String word : words) {
            status |= kill(context, word, signal);
        }
        context.userBoundary();                        // this task may be one of the targets
        return status;
    }

    private static int kill(CommandContext context, String word, int signal) {
        if (!word.matches("[0-9]{1,9}")) {
            return context.fail(word + ": arguments must be process IDs; 'ps' lists them");
        }
        int result = context.kernel().tasks().tasks().kill(Integer.parseInt(word), signal);
        return result < 0 ? context.fail("(" + word + ") - " + Errno.message(result)) : 0;
    }

    /** Parses a signal's name or number; returns 0 if it is neither. */
    private static int signal(String text) {
        return switch (text.startsWith("SIG") ? text.substring(3) : text) {
            case "INT", "2" -> Signal.SIGINT;
            case "KILL", "9" -> Signal.SIGKILL;
            case "TERM", "15" -> Signal.SIGTERM;
            default -> 0;
        };
    }
}
