package ferrite.kernel.shell;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.Errno;

/** {@code dd}, reading: coreutils' operands and record counts. Time is the machine's. */
final class DdCommand implements Command {

    private static final long LARGEST = 1L << 40;

    @Override
    public String name() {
        return "dd";
    }

    @Override
    public String usage() {
        return "dd if=PATH [bs=BYTES] [count=BLOCKS] [skip=BLOCKS]";
    }

    @Override
    public String summary() {
        return "copy blocks of a file to standard output";
    }

    /** What was typed. */
    private static final class Operands {
        private String input;
        private long blockBytes = 512;
        private long count = Long.MAX_VALUE;
        private long skip;
    }

    @Override
    public int run(CommandContext context) {
        Operands operands = new Operands();
        for (String word : context.arguments()) {
            if (!parse(operands, word)) {
                return context.fail(message(word)) + 1;
            }
        }
        if (operands.input == null) {
            return context.fail("which file? usage: " + usage()) + 1;
        }
        return copy(context, operands);
    }

    private static String message(String word) {
        return word.matches("(bs|count|skip)=.*")
                ? "invalid number: '" + word.substring(word.indexOf('=') + 1) + "'"
                : "unrecognized operand '" + word + "'";
    }

    private static boolean parse(Operands operands, String word) {
        int equals = word.indexOf('=');
        String value = word.substring(equals + 1);
        switch (equals < 0 ? "" : word.substring(0, equals)) {
            case "if" -> operands.input = value;
            case "bs" -> operands.blockBytes = number(value);
            case "count" -> operands.count = number(value);
            case "skip" -> operands.skip = number(value);
            default -> {
                return false;
            }
        }
        return operands.blockBytes > 0 && operands.count >= 0 && operands.skip >= 0;
    }

    /** A number with coreutils' suffixes, or -1. */
    private static long number(String text) {
        if (!text.matches("[0-9]{1,12}(c|w|b|K|k|KiB|kB|M|MiB|MB|G|GiB|GB)?")) {
            return -1;
        }
        String suffix = text.replaceAll("[0-9]", "");
        long factor = switch (suffix) {
            case "w" -> 2;
            case "b" -> 512;
            case "kB" -> 1000;
            case "K", "k", "KiB" -> 1 << 10;
            case "MB" -> 1_000_000;
            case "M", "MiB" -> 1 << 20;
            case "GB" -> 1_000_000_000;
            case "G", "GiB" -> 1 << 30;
            default -> 1;
        };
        long value = Long.parseLong(text.substring(0, text.length() - suffix.length()));
        return value > LARGEST / factor ? -1 : value * factor;
    }

    private int copy(CommandContext context, Operands operands) {
        int descriptor = context.kernel().files().open(operands.input);
        if (descriptor < 0) {
            return context.fail("failed to open '" + operands.input + "': " + Errno.message(descriptor));
        }
        if (operands.skip > LARGEST / operands.blockBytes) {
            context.kernel().files().close(descriptor);
            return context.fail("skip=" + operands.skip + ": the offset is too large");
        }
        context.kernel().files().seek(descriptor, operands.skip * operands.blockBytes);
        long start = context.kernel().cpu().time();
        long whole = 0;
        long partial = 0;
        long bytes = 0;
        long got = 1;
        while (whole + partial < operands.count && got > 0 && !context.outputFailed()) {
            got = copyBlock(context, descriptor, operands.blockBytes);
            whole += got == operands.blockBytes ? 1 : 0;
            partial += got > 0 && got < operands.blockBytes ? 1 : 0;
            bytes += Math.max(0, got);
        }
        context.kernel().files().close(descriptor);
        int status = got < 0 ? context.fail("error reading '" + operands.input + "': " + Errno.message((int) got)) : 0;
        report(context, whole, partial, bytes, context.kernel().cpu().time() - start);
        return context.outputFailed() ? context.fail("write error") : status;
    }

    /** Copies up to a block. Returns how many bytes there were, or a negative errno when there were none. */
    private static long copyBlock(CommandContext context, int descriptor, long blockBytes) {
        long done = 0;
        while (done < blockBytes) {
            int piece = (int) Math.min(CommandContext.BUFFER_BYTES, blockBytes - done);
            int got = context.kernel().files().read(descriptor, context.buffer(), piece);
            if (got <= 0) {
                return done == 0 ? got : done;
            }
            context.out(context.buffer(), got);
            done += got;
        }
        return done;
    }

    private static void report(CommandContext context, long whole, long partial, long bytes, long ticks) {
        String records = whole + "+" + partial + " records ";
        long micros = Math.max(1, ticks / Clock.TICKS_PER_MICROSECOND);
        context.err(records + "in\n" + records + "out\n" + bytes + " bytes copied, " + seconds(micros) + " s, "
                + tenths(bytes * 10 / micros) + " MB/s\n");
    }

    private static String seconds(long micros) {
        return micros / 1_000_000 + "." + Long.toString(1_000_000 + micros % 1_000_000).substring(1);
    }

    private static String tenths(long tenths) {
        return tenths / 10 + "." + tenths % 10;
    }
}
