package ferrite.kernel.shell;

import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.KernelLog;

/** {@code dmesg}: prints the kernel log, or chooses the messages that reach the console. */
final class DmesgCommand implements Command {

    private static final String LEVELS = String.join(", ", KernLevels.NAMES);

    @Override
    public String name() {
        return "dmesg";
    }

    @Override
    public String usage() {
        return "dmesg [-r] [-l LEVEL[,LEVEL]...] | -n LEVEL";
    }

    @Override
    public String options() {
        return "rl:n: raw=r level=l console-level=n";
    }

    @Override
    public String summary() {
        return "print the kernel log, or choose what of it the console gets";
    }

    @Override
    public String example() {
        return "dmesg -l err,warn";
    }

    @Override
    public int run(CommandContext context) {
        Choice choice = new Choice();
        String wrong = choice.parse(context.letters(this));
        if (wrong != null) {
            return context.fail(wrong) + 1;
        }
        KernelLog log = context.kernel().base().log();
        if (choice.console >= 0) {
            log.setConsoleLoglevel(choice.console + 1);
        } else {
            String lines = KernelLog.ofLevels(log.raw(context.kernel().base().memory()), choice.levels);
            context.out(choice.raw ? lines : KernelLog.withoutLevels(lines));
        }
        return 0;
    }

    /** What the words of the command say. */
    private static final class Choice {

        private boolean raw;
        /** A bit for each level that is printed. */
        private int levels = -1;
        /** The last level that the console gets; -1 if the log is printed. */
        private int console = -1;

        /** Returns null, or what is wrong. */
        private String parse(Letters letters) {
            String wrong = letters.operands().isEmpty() ? null : "bad usage: there are no operands";
            for (Letters.Option option : letters.given()) {
                switch (option.letter()) {
                    case 'r' -> raw = true;
                    case 'l' -> {
                        levels = 0;
                        wrong = wrong == null ? parseLevels(option.value()) : wrong;
                    }
                    default -> {
                        console = level(option.value());
                        wrong = wrong == null && console < 0 ? "unknown level '" + option.value() + "'; levels are "
                                + LEVELS : wrong;
                    }
                }
            }
            return wrong;
        }

        private String parseLevels(String list) {
            for (String word : list.split(",", -1)) {
                if (level(word) < 0) {
                    return "unknown level '" + word + "'; levels are " + LEVELS;
                }
                levels |= 1 << level(word);
            }
            return null;
        }

        /** Parses a level's name, or its number from 1 on. Returns -1 if it is neither. */
        private static int level(String word) {
            return word.matches("[1-8]") ? word.charAt(0) - '1' : KernLevels.NAMES.indexOf(word);
        }
    }
}
