package ferrite.kernel.shell;

import ferrite.kernel.base.Errno;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * {@code head} and {@code tail}: the first or the last lines of files, with coreutils' options and messages.
 * {@code head -n -N} leaves out the last lines, and {@code tail -n +N} begins with a line.
 */
final class HeadCommand implements Command {

    /** A bound of what {@code tail} keeps on the host. */
    private static final int MAX_KEPT = 16 << 20;
    private static final long MAX_NUMBER = 1L << 40;
    private static final int DEFAULT_LINES = 10;

    private final boolean isTail;

    HeadCommand(boolean isTail) {
        this.isTail = isTail;
    }

    @Override
    public String name() {
        return isTail ? "tail" : "head";
    }

    @Override
    public String usage() {
        return name() + " [-n [" + otherSign() + "]LINES | -c [" + otherSign() + "]BYTES] [PATH...]";
    }

    /** The sign of a number that is counted from the other end of the file. */
    private String otherSign() {
        return isTail ? "+" : "-";
    }

    @Override
    public String options() {
        return "n:c: #=n";
    }

    @Override
    public String summary() {
        return "print the " + (isTail ? "last" : "first") + " lines of files, ten by default";
    }

    @Override
    public String example() {
        return isTail ? "dmesg | tail -n 3" : "hexdump -C /dev/disk0 | head -n 4";
    }

    @Override
    public int run(CommandContext context) {
        Letters letters = context.letters(this);
        boolean inBytes = false;
        boolean fromOtherEnd = false;
        long number = DEFAULT_LINES;
        for (Letters.Option option : letters.given()) {
            inBytes = option.letter() == 'c';
            String digits = option.value();
            if (!digits.matches("[-+]?[0-9]{1,12}")) {
                return context.fail("invalid number of " + (inBytes ? "bytes" : "lines") + ": '"
                        + (digits.startsWith("-") ? digits.substring(1) : digits) + "'");
            }
            fromOtherEnd = digits.startsWith(otherSign());
            number = Math.min(MAX_NUMBER, Math.abs(Long.parseLong(digits)));
        }
        List<String> paths = context.inputs(letters.operands());
        if (paths.isEmpty()) {
            return context.fail("missing file operand; usage: " + usage()) + 1;
        }
        return print(context, paths, new Amount(number, inBytes, fromOtherEnd));
    }

    /** How much of a file is printed. */
    private record Amount(long number, boolean inBytes, boolean fromOtherEnd) { }

    private int print(CommandContext context, List<String> paths, Amount amount) {
        int status = 0;
        boolean isFirst = true;
        for (String path : paths) {
            String name = path.equals(CommandContext.STANDARD_INPUT) ? "standard input" : path;
            String title = paths.size() > 1 ? (isFirst ? "" : "\n") + "==> " + name + " <==\n" : "";
            FilePieces.Piece piece = isTail == amount.fromOtherEnd ? new Start(context, amount, isTail, title)
                    : new End(context, amount, isTail, title);
            int failed = FilePieces.forEach(context, path, piece,
                    errno -> "cannot open '" + path + "' for reading: " + Errno.message(errno));
            if (failed == 0 && piece instanceof End end) {
                failed = end.print();
            }
            status |= failed;
            isFirst &= failed != 0;
        }
        return status;
    }

    /** Returns the number of bytes up to the end of so many lines; all, if there are fewer lines. */
    private static int endOfLines(byte[] bytes, long lines) {
        long left = lines;
        for (int i = 0; i < bytes.length; i++) {
            left -= bytes[i] == '\n' ? 1 : 0;
            if (left == 0) {
                return i + 1;
            }
        }
        return bytes.length;
    }

    private static int countLines(byte[] bytes, int length) {
        int lines = 0;
        for (int i = 0; i < length; i++) {
            lines += bytes[i] == '\n' ? 1 : 0;
        }
        return lines;
    }

    /** Prints the first bytes or lines as they come, or all but them. */
    private static final class Start implements FilePieces.Piece {

        private final CommandContext context;
        private final boolean inBytes;
        private final boolean skips;
        private final String title;
        private long left;

        /** @param skips whether the start is left out */
        Start(CommandContext context, Amount amount, boolean skips, String title) {
            this.context = context;
            this.inBytes = amount.inBytes;
            this.skips = skips;
            this.title = title;
            this.left = skips ? Math.max(0, amount.number - 1) : amount.number;    // tail -n +1 prints the first line
        }

        @Override
        public void expect(long bytes) {
            context.out(title);
        }

        @Override
        public void take(long from, int length) {
            int start = 0;
            if (inBytes) {
                start = (int) Math.min(left, length);
                left -= start;
            } else if (left > 0) {
                byte[] bytes = context.load(from, length);
                start = endOfLines(bytes, left);
                left -= countLines(bytes, start);
            }
            if (skips && start < length) {
                context.out(from + start, length - start);
            } else if (!skips && start > 0) {
                context.out(from, start);
            }
        }

        @Override
        public boolean isDone() {
            return left == 0 && !skips;
        }
    }

    /** Prints the last bytes or lines, or all but them. It keeps pieces while they can have a part in the end. */
    private static final class End implements FilePieces.Piece {

        private final CommandContext context;
        private final long number;
        private final boolean inBytes;
        private final boolean printsEnd;
        private final String title;
        private final Deque<byte[]> kept = new ArrayDeque<>();
        private long bytes;
        private long lines;

        /** @param printsEnd whether it is the end that is printed */
        End(CommandContext context, Amount amount, boolean printsEnd, String title) {
            this.context = context;
            this.number = amount.number;
            this.inBytes = amount.inBytes;
            this.printsEnd = printsEnd;
            this.title = title;
        }

        @Override
        public void expect(long size) {
            if (!printsEnd) {
                context.out(title);
            }
        }

        @Override
        public void take(long from, int length) {
            byte[] piece = context.load(from, length);
            kept.add(piece);
            bytes += length;
            lines += countLines(piece, length);
            while (!kept.isEmpty() && isBeforeTheEnd(kept.peek())) {
                byte[] done = kept.remove();
                bytes -= done.length;
                lines -= countLines(done, done.length);
                if (!printsEnd) {
                    context.outBytes(done, 0);
                }
            }
        }

        private boolean isBeforeTheEnd(byte[] first) {
            return inBytes ? bytes - first.length >= number
                    : lines - countLines(first, first.length) > number || number == 0;
        }

        @Override
        public boolean isDone() {
            return bytes > MAX_KEPT;
        }

        int print() {
            if (isDone()) {
                return context.fail("the end has more than " + (MAX_KEPT >> 20) + " MiB; use dd with "
                        + (printsEnd ? "skip=" : "count="));
            }
            if (printsEnd) {
                context.out(title);
            }
            long bytesBefore = Math.max(0, bytes - number);
            boolean ended = kept.isEmpty() || kept.peekLast()[kept.peekLast().length - 1] == '\n';
            long linesBefore = Math.max(0, lines + (ended ? 0 : 1) - number);
            for (byte[] piece : kept) {
                int before = inBytes ? (int) Math.min(bytesBefore, piece.length)
                        : linesBefore == 0 ? 0 : endOfLines(piece, linesBefore);
                bytesBefore -= before;
                linesBefore -= inBytes ? 0 : countLines(piece, before);
                context.outBytes(printsEnd ? piece : Arrays.copyOf(piece, before), printsEnd ? before : 0);
            }
            return 0;
        }
    }
}
