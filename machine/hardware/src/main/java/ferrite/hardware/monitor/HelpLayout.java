package ferrite.hardware.monitor;

/** The layout of the help: forms of commands, and beside each its summary, on a terminal of 80 columns. */
public final class HelpLayout {

    public static final int COLUMNS = 80;
    private static final int SUMMARY_COLUMN = 32;
    private static final int CONTINUED_COLUMN = 4;
    private static final String GAP = "  ";

    private HelpLayout() { }

    /** Adds a command. A summary that finds no room beside the usage begins below it. */
    public static void add(StringBuilder text, String usage, String summary) {
        int column = words(text, usage, 0, CONTINUED_COLUMN);
        if (column >= SUMMARY_COLUMN - 1) {
            text.append('\n');
            column = 0;
        }
        text.append(" ".repeat(SUMMARY_COLUMN - column));
        words(text, summary, SUMMARY_COLUMN, SUMMARY_COLUMN);
        text.append('\n');
    }

    /** Adds a command that is explained by itself: on one line, if it has room there. */
    public static void explain(StringBuilder text, String usage, String summary) {
        if (usage.length() + GAP.length() + summary.length() <= COLUMNS) {
            text.append(usage).append(GAP).append(summary).append('\n');
        } else {
            add(text, usage, summary);
        }
    }

    /** Adds words from a column on; further lines begin at another column. Returns the column after them. */
    private static int words(StringBuilder text, String words, int start, int next) {
        int column = start;
        boolean isFirst = true;
        for (String word : words.split(" ")) {
            if (!isFirst && column + 1 + word.length() > COLUMNS) {
                text.append('\n').append(" ".repeat(next));
                column = next;
            } else if (!isFirst) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
            isFirst = false;
        }
        return column;
    }
}
