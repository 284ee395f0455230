package ferrite.kernel.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * A regular expression of POSIX, basic or extended: {@code . [] * ^ $}, groups, {@code |}, {@code +} and {@code ?}. It
 * is executed as an automaton with all its states at once, so the time of a line is proportional to its length,
 * whatever the expression. Intervals and references to groups are refused.
 */
final class RegularExpression {

    static final int MAX_LENGTH = 400;

    private enum Kind { CHARACTER, SPLIT, JUMP, LINE_START, LINE_END, MATCH }

    /** An instruction; {@code set} has the characters that it takes, and a split goes on at both places. */
    private record Step(Kind kind, boolean[] set, int first, int second) { }

    /** An expression that cannot be understood. */
    static final class Wrong extends Exception {

        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    private final String text;
    private final boolean extended;
    private final boolean ignoresCase;
    private final List<Step> program = new ArrayList<>();
    private int at;
    private int depth;

    private RegularExpression(String text, boolean extended, boolean ignoresCase) {
        this.text = text;
        this.extended = extended;
        this.ignoresCase = ignoresCase;
    }

    /** Compiles an expression. */
    static RegularExpression of(String text, boolean extended, boolean ignoresCase) throws Wrong {
        if (text.length() > MAX_LENGTH) {
            throw new Wrong("the expression is longer than " + MAX_LENGTH + " characters");
        }
        RegularExpression expression = new RegularExpression(text, extended, ignoresCase);
        expression.alternatives();
        if (expression.at < text.length()) {
            throw new Wrong("Unmatched ) or \\)");
        }
        expression.program.add(new Step(Kind.MATCH, null, 0, 0));
        return expression;
    }

    // ---- the compiler: each method adds the instructions of what it reads ----

    private void alternatives() throws Wrong {
        int start = program.size();
        branch();
        while (takeOperator('|')) {
            insert(start, new Step(Kind.SPLIT, null, start + 1, program.size() + 2));
            int jump = program.size();
            program.add(null);
            branch();
            program.set(jump, new Step(Kind.JUMP, null, program.size(), 0));
        }
    }

    private void branch() throws Wrong {
        boolean first = true;
        while (at < text.length() && !isOperator('|') && !(isOperator(')') && (depth > 0 || extended))) {
            int start = program.size();
            boolean isStar = text.charAt(at) == '*';
            if (isStar && first && !extended) {
                at++;
                addCharacter('*');
            } else {
                piece();
            }
            first = first && program.size() == start + 1 && program.get(start).kind == Kind.LINE_START;
            repeat(start);
        }
    }

    private void repeat(int start) throws Wrong {
        for (;;) {
            if (at < text.length() && text.charAt(at) == '*') {
                at++;
                insert(start, new Step(Kind.SPLIT, null, start + 1, program.size() + 2));
                program.add(new Step(Kind.JUMP, null, start, 0));
            } else if (takeOperator('+')) {
                program.add(new Step(Kind.SPLIT, null, start, program.size() + 1));
            } else if (takeOperator('?')) {
                insert(start, new Step(Kind.SPLIT, null, start + 1, program.size() + 1));
            } else if (isOperator('{')) {
                throw new Wrong("there are no intervals; repeat the expression itself");
            } else {
                return;
            }
        }
    }

    private void piece() throws Wrong {
        if (takeOperator('(')) {
            depth++;
            alternatives();
            if (!takeOperator(')')) {
                throw new Wrong("Unmatched ( or \\(");
            }
            depth--;
            return;
        }
        char c = text.charAt(at++);
        switch (c) {
            case '.' -> addSet(true, "");
            case '[' -> brackets();
            case '^' -> program.add(new Step(Kind.LINE_START, null, 0, 0));
            case '$' -> program.add(new Step(Kind.LINE_END, null, 0, 0));
            case '\\' -> {
                if (at == text.length()) {
                    throw new Wrong("Trailing backslash");
                }
                if (Character.isDigit(text.charAt(at))) {
                    throw new Wrong("there are no references to groups");
                }
                if (Character.isLetter(text.charAt(at)) || "<>`'".indexOf(text.charAt(at)) >= 0) {
                    throw new Wrong("there is no \\" + text.charAt(at));
                }
                addCharacter(text.charAt(at++));
            }
            default -> addCharacter(c);
        }
    }

    /** Tells whether an operator is here: by itself in an extended expression, after a backslash in a basic one. */
    private boolean isOperator(char operator) {
        int place = extended ? at : at + 1;
        return place < text.length() && text.charAt(place) == operator && (extended || text.charAt(at) == '\\');
    }

    private boolean takeOperator(char operator) {
        boolean is = isOperator(operator);
        at += !is ? 0 : extended ? 1 : 2;
        return is;
    }

    private void brackets() throws Wrong {
        boolean inverted = at < text.length() && text.charAt(at) == '^';
        int first = inverted ? at + 1 : at;
        int close = text.indexOf(']', first + 1);
        if (close < 0) {
            throw new Wrong("Unmatched [, [^, [:, [., or [=");
        }
        String inside = text.substring(first, close);
        if (inside.contains("[:")) {
            throw new Wrong("there are no classes like [:alpha:]; write the characters, as in [a-z]");
        }
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < inside.length(); i++) {
            boolean range = i + 2 < inside.length() && inside.charAt(i + 1) == '-';
            for (char c = inside.charAt(i); c <= (range ? inside.charAt(i + 2) : inside.charAt(i)); c++) {
                all.append(c);
            }
            i += range ? 2 : 0;
        }
        at = close + 1;
        addSet(inverted, all.toString());
    }

    private void addCharacter(char c) {
        addSet(false, String.valueOf(c));
    }

    private void addSet(boolean inverted, String characters) {
        boolean[] set = new boolean[256];
        for (char c : characters.toCharArray()) {
            set[c & 0xff] = true;
            if (ignoresCase && c < 0x80) {
                set[Character.toLowerCase(c)] = true;
                set[Character.toUpperCase(c)] = true;
            }
        }
        for (int i = 0; i < set.length; i++) {
            set[i] ^= inverted;
        }
        program.add(new Step(Kind.CHARACTER, set, 0, 0));
    }

    /** Inserts an instruction before others, whose places move by one. */
    private void insert(int place, Step step) {
        program.add(place, step);
        for (int i = place + 1; i < program.size(); i++) {
            Step each = program.get(i);
            if (each.kind == Kind.SPLIT || each.kind == Kind.JUMP) {
                program.set(i, new Step(each.kind, null, each.first + (each.first >= place ? 1 : 0),
                        each.second + (each.second >= place ? 1 : 0)));
            }
        }
    }

    // ---- the automaton ----

    /** Tells whether a part of a line matches. */
    boolean isIn(String line) {
        boolean[] now = new boolean[program.size()];
        int[] open = new int[2 * program.size() + 1];
        for (int i = 0; i <= line.length(); i++) {
            follow(0, i, line, now, open);
            if (now[program.size() - 1]) {
                return true;
            }
            boolean[] next = new boolean[program.size()];
            for (int state = 0; i < line.length() && state < now.length; state++) {
                Step step = program.get(state);
                if (now[state] && step.kind == Kind.CHARACTER && step.set[line.charAt(i) & 0xff]) {
                    follow(state + 1, i + 1, line, next, open);
                }
            }
            now = next;
        }
        return false;
    }

    /**
     * Marks a state, and those that it leads to without a character.
     *
     * @param open has room for the states that are still to be marked: two for each state, and one
     */
    private void follow(int start, int place, String line, boolean[] marked, int[] open) {
        int count = 0;
        open[count++] = start;
        while (count > 0) {
            int state = open[--count];
            if (marked[state]) {
                continue;
            }
            marked[state] = true;
            Step step = program.get(state);
            switch (step.kind) {
                case SPLIT -> {
                    open[count++] = step.second;
                    open[count++] = step.first;
                }
                case JUMP -> open[count++] = step.first;
                case LINE_START -> count = addIf(place == 0, open, count, state + 1);
                case LINE_END -> count = addIf(place == line.length(), open, count, state + 1);
                default -> { }
            }
        }
    }

    /** Adds a state to the open ones if a condition holds. Returns their number. */
    private static int addIf(boolean holds, int[] open, int count, int state) {
        open[count] = state;
        return holds ? count + 1 : count;
    }
}
