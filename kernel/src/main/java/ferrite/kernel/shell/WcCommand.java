package ferrite.kernel.shell;

import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.PathWalk;
import java.util.ArrayList;
import java.util.List;

/** {@code wc}: coreutils' counts and columns. */
final class WcCommand implements Command {

    private static final int COUNTS = 3;
    /** The least width of columns if the size of a file is not known before. */
    private static final int UNKNOWN_WIDTH = 7;

    @Override
    public String name() {
        return "wc";
    }

    @Override
    public String usage() {
        return "wc [-l] [-w] [-c] [PATH...]";
    }

    @Override
    public String options() {
        return "lwc";
    }

    @Override
    public String summary() {
        return "count lines, words and bytes";
    }

    @Override
    public String example() {
        return "cat /proc/slabinfo | wc -l";
    }

    @Override
    public int run(CommandContext context) {
        Letters letters = context.letters(this);
        List<String> paths = context.inputs(letters.operands());
        if (paths.isEmpty()) {
            return context.fail("missing file operand; usage: " + usage()) + 1;
        }
        int width = width(context, letters, paths);
        List<Counts> all = new ArrayList<>();
        int status = 0;
        for (String path : paths) {
            Counts counts = new Counts(context);
            int failed = FilePieces.forEach(context, path, counts);
            status |= failed;
            if (failed == 0) {
                all.add(counts);
                print(context, letters, counts, width, letters.operands().isEmpty() ? "" : " " + path);
            }
        }
        if (paths.size() > 1) {
            Counts total = new Counts(context);
            all.forEach(total::add);
            print(context, letters, total, width, " total");
        }
        return status;
    }

    /**
     * Returns the width of the columns, as coreutils has it: that of the sum of the files' sizes. One count alone has
     * no columns.
     */
    private static int width(CommandContext context, Letters letters, List<String> paths) {
        long wanted = letters.given().stream().map(Letters.Option::letter).distinct().count();
        if (wanted == 1 && paths.size() == 1) {
            return 1;
        }
        long bytes = 0;
        int least = 1;
        for (String path : paths) {
            FileTree.Stat file = stat(context.kernel().files(), path);
            boolean isRegular = file != null && (file.mode() & FileTree.S_IFMT) == FileTree.S_IFREG;
            bytes += isRegular ? file.size() : 0;
            least = isRegular || file == null ? least : UNKNOWN_WIDTH;
        }
        return Math.max(least, Long.toString(bytes).length());
    }

    /** Returns null if there is no such file. */
    private static FileTree.Stat stat(Files files, String path) {
        if (path.equals(CommandContext.STANDARD_INPUT)) {
            return files.programs().stat(CommandContext.STDIN);
        }
        PathWalk.End end = files.tree().walk("/", path, true);
        return end.error() != 0 ? null : files.tree().at(end.path());
    }

    private static void print(CommandContext context, Letters letters, Counts counts, int width, String name) {
        boolean isAll = letters.given().isEmpty();
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < COUNTS; i++) {
            if (isAll || letters.has("lwc".charAt(i))) {
                String number = Long.toString(counts.counts[i]);
                out.append(out.isEmpty() ? "" : " ").append(" ".repeat(Math.max(0, width - number.length())))
                   .append(number);
            }
        }
        context.out(out + name + "\n");
    }

    /** The counts of one file. */
    private static final class Counts implements FilePieces.Piece {

        private final CommandContext context;
        /** Lines, words and bytes. */
        private final long[] counts = new long[COUNTS];
        private boolean inWord;

        Counts(CommandContext context) {
            this.context = context;
        }

        void add(Counts other) {
            for (int i = 0; i < COUNTS; i++) {
                counts[i] += other.counts[i];
            }
        }

        @Override
        public void take(long from, int length) {
            for (byte b : context.load(from, length)) {
                boolean blank = b == ' ' || b >= '\t' && b <= '\r';
                counts[0] += b == '\n' ? 1 : 0;
                counts[1] += !blank && !inWord ? 1 : 0;
                inWord = !blank;
            }
            counts[2] += length;
        }
    }
}
