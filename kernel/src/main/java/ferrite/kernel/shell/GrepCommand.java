package ferrite.kernel.shell;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@code grep}: GNU grep's output and statuses: 0 for a line that matches, 1 for none, 2 for an error. */
final class GrepCommand implements Command {

    private static final int ERROR = 2;
    private static final String INPUT_NAME = "(standard input)";

    @Override
    public String name() {
        return "grep";
    }

    @Override
    public String usage() {
        return "grep [-v] [-i] [-c] [-n] [-q] [-E|-F] PATTERN [PATH...]";
    }

    @Override
    public String options() {
        return "vicnqEF";
    }

    @Override
    public String hint() {
        return "Usage: grep [OPTION]... PATTERNS [FILE]...\n" + Command.super.hint();
    }

    @Override
    public int statusOfWrongOption() {
        return ERROR;
    }

    @Override
    public String summary() {
        return "print the lines that match a regular expression";
    }

    @Override
    public String example() {
        return "dmesg | grep -n dma";
    }

    @Override
    public int run(CommandContext context) {
        Letters letters = context.letters(this);
        List<String> operands = letters.operands();
        if (operands.isEmpty()) {
            context.fail("missing pattern; usage: " + usage());
            return ERROR;
        }
        String pattern = new String(operands.get(0).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        List<String> paths = context.inputs(operands.subList(1, operands.size()));
        if (paths.isEmpty()) {
            context.fail("missing file operand; usage: " + usage());
            return ERROR;
        }
        try {
            Search search = new Search(context, letters, pattern, paths.size() > 1);
            return search.all(paths);
        } catch (RegularExpression.Wrong wrong) {
            context.fail(wrong.getMessage());
            return ERROR;
        }
    }

    /** One search through all files. */
    private static final class Search {

        private final CommandContext context;
        private final Letters letters;
        private final boolean namesFiles;
        private final List<RegularExpression> expressions = new ArrayList<>();
        private long number;
        private long count;
        private boolean found;

        Search(CommandContext context, Letters letters, String pattern, boolean namesFiles)
                throws RegularExpression.Wrong {
            this.context = context;
            this.letters = letters;
            this.namesFiles = namesFiles;
            for (String line : pattern.split("\n", -1)) {
                String text = letters.has('F') ? line.replaceAll("[\\\\\\[\\].*^$]", "\\\\$0") : line;
                expressions.add(RegularExpression.of(text, letters.has('E'), letters.has('i')));
            }
        }

        int all(List<String> paths) {
            int status = 0;
            for (String path : paths) {
                String shown = path.equals(CommandContext.STANDARD_INPUT) ? INPUT_NAME : path;
                String prefix = namesFiles ? shown + ":" : "";
                number = 0;
                count = 0;
                LineReader reader = new LineReader(context, (line, ended) -> line(line, prefix)) {
                    @Override
                    public boolean isDone() {
                        return letters.has('q') && found;
                    }
                };
                int failed = FilePieces.forEach(context, path, reader);
                reader.end();
                if (failed == 0 && letters.has('c') && !letters.has('q')) {
                    context.out(prefix + count + "\n");
                }
                status = failed == 0 ? status : ERROR;
            }
            return status != 0 && !(letters.has('q') && found) ? status : found ? 0 : 1;
        }

        private void line(String line, String prefix) {
            number++;
            if (expressions.stream().anyMatch(expression -> expression.isIn(line)) == letters.has('v')) {
                return;
            }
            found = true;
            count++;
            if (!letters.has('c') && !letters.has('q')) {
                context.outBytes(prefix + (letters.has('n') ? number + ":" : ""), line + "\n");
            }
        }
    }
}
