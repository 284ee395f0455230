package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import java.math.BigDecimal;
import java.util.List;

/**
 * {@code sleep}: coreutils' operands. It waits in machine time, which an interactive prompt paces to the host's time.
 */
final class SleepCommand implements Command {

    /** About three thousand years. */
    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(100_000_000_000L);

    @Override
    public String name() {
        return "sleep";
    }

    @Override
    public String usage() {
        return "sleep NUMBER[smhd]...";
    }

    @Override
    public String options() {
        return "";
    }

    @Override
    public String summary() {
        return "wait for a time in seconds, minutes, hours or days of the machine";
    }

    @Override
    public String example() {
        return "sleep 0.5 && echo later";
    }

    @Override
    public int run(CommandContext context) {
        List<String> operands = context.letters(this).operands();
        if (operands.isEmpty()) {
            return context.fail("missing operand; usage: " + usage()) + 1;
        }
        BigDecimal seconds = BigDecimal.ZERO;
        for (String word : operands) {
            if (!word.matches("[0-9]{1,12}(\\.[0-9]{0,9})?[smhd]?|\\.[0-9]{1,9}[smhd]?")) {
                return context.fail("invalid time interval '" + word + "'") + 1;
            }
            seconds = seconds.add(seconds(word));
        }
        long ticks = seconds.min(MAX_SECONDS).multiply(BigDecimal.valueOf(Clock.TICKS_PER_SECOND)).longValue();
        context.kernel().tasks().sleep().timeoutInterruptible(ticks);
        context.userBoundary();
        return 0;
    }

    private static BigDecimal seconds(String word) {
        char last = word.charAt(word.length() - 1);
        BigDecimal number = new BigDecimal(Character.isLetter(last) ? word.substring(0, word.length() - 1) : word);
        return number.multiply(BigDecimal.valueOf(switch (last) {
            case 'm' -> 60;
            case 'h' -> 3600;
            case 'd' -> 86_400;
            default -> 1;
        }));
    }
}
