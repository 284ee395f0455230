package ferrite.kernel.shell;

import ferrite.hardware.report.Hex;
import java.util.Arrays;
import java.util.List;

/** {@code hexdump -C}: the canonical form, with repeated lines as an asterisk. */
final class HexdumpCommand implements Command {

    private static final int LINE_BYTES = 16;

    @Override
    public String name() {
        return "hexdump";
    }

    @Override
    public String usage() {
        return "hexdump -C [PATH]";
    }

    @Override
    public String options() {
        return "C";
    }

    @Override
    public String summary() {
        return "print a file's bytes in hexadecimal and as text";
    }

    @Override
    public String example() {
        return "hexdump -C /dev/disk0 | head -n 4";
    }

    @Override
    public int run(CommandContext context) {
        Letters letters = context.letters(this);
        List<String> paths = context.inputs(letters.operands());
        if (paths.size() != 1 || !letters.has('C')) {
            return context.fail("usage: " + usage()) + 1;
        }
        Dump dump = new Dump(context);
        int status = FilePieces.forEach(context, paths.get(0),
                (from, length) -> dump.add(context.load(from, length)));
        if (status == 0) {
            dump.end();
        }
        return status;
    }

    /** Collects bytes into lines of sixteen; a read may return fewer at a time. */
    private static final class Dump {

        private final CommandContext context;
        private final byte[] line = new byte[LINE_BYTES];
        private byte[] previous;
        private boolean repeating;
        private int filled;
        private long offset;

        Dump(CommandContext context) {
            this.context = context;
        }

        void add(byte[] bytes) {
            StringBuilder out = new StringBuilder();
            for (byte b : bytes) {
                line[filled++] = b;
                if (filled == LINE_BYTES) {
                    appendLine(out);
                }
            }
            context.out(out.toString());
        }

        void end() {
            StringBuilder out = new StringBuilder();
            if (filled > 0) {
                appendLine(out);
            }
            if (offset > 0) {
                out.append(Hex.digits(offset, 8)).append('\n');
            }
            context.out(out.toString());
        }

        private void appendLine(StringBuilder out) {
            boolean same = filled == LINE_BYTES && Arrays.equals(line, previous);
            if (!same) {
                appendBytes(out);
            } else if (!repeating) {
                out.append("*\n");
            }
            repeating = same;
            previous = line.clone();
            offset += filled;
            filled = 0;
        }

        private void appendBytes(StringBuilder out) {
            out.append(Hex.digits(offset, 8)).append("  ");
            for (int i = 0; i < LINE_BYTES; i++) {
                out.append(i < filled ? Hex.digits(line[i] & 0xff, 2) : "  ").append(i == 7 ? "  " : " ");
            }
            out.append(" |");
            for (int i = 0; i < filled; i++) {
                out.append(line[i] >= 0x20 && line[i] < 0x7f ? (char) line[i] : '.');
            }
            out.append("|\n");
        }
    }
}
