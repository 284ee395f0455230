package ferrite.kernel.shell;

import java.util.ArrayList;
import java.util.List;

/** {@code wc}: coreutils' counts and columns. */
final class WcCommand implements Command {

    private static final int COUNTS = 3;
    /** The columns of counts of a file whose size is not known before. */
    private static final int WIDTH = 7;

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
        List<Counts> all = new ArrayList<>();
        int status = 0;
        for (String path : paths) {
            Counts counts = new Counts(context);
            int failed = FilePieces.forEach(context, path, counts);
            status |= failed;
            if (failed == 0) {
                all.add(counts);
                print(context, letters, counts, letters.operands().isEmpty() ? "" : " " + path, paths.size());
            }
        }
        if (paths.size() > 1) {
            Counts total = new Counts(context);
            all.forEach(total::add);
            print(context, letters, total, " total", paths.size());
        }
        return status;
    }

    /** Prints counts. One count alone has no columns, as in coreutils. */
    private static void print(CommandContext context, Letters letters, Counts counts, String name, int files) {
        boolean isAll = letters.given().isEmpty();
        long wanted = letters.given().stream().map(Letters.Option::letter).distinct().count();
        int width = wanted == 1 && files == 1 ? 1 : WIDTH;
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
