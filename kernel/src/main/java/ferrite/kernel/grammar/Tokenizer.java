package ferrite.kernel.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a text into words and operators (POSIX, Shell Command Language, 2.2 and 2.3). A zero byte counts as a blank,
 * because it separates words in memory; in quotes it is left out. Unlike POSIX's, {@code >=} and {@code <=} are
 * characters of a word: conditions of the debugger have them, as in {@code break on order>=4}.
 */
final class Tokenizer {

    /** The longer operators first. */
    private static final List<String> OPERATORS = List.of("<<-", "&&", "||", ">>", "<<", "<>", ">|", "<&", ">&", "|",
            "&", ";", "<", ">", "(", ")");
    private static final String BLANKS = " \t\r\0\u000b\f";
    private static final String ENDS_WORD = BLANKS + "\n|&;<>()";
    private static final int MAX_DESCRIPTOR_DIGITS = 3;

    private final String text;
    private int at;
    private List<Part> parts;
    private StringBuilder run;
    private boolean runIsQuoted;

    Tokenizer(String text, int start) {
        this.text = text;
        this.at = start;
    }

    /** Returns the place of the first character that was not taken. */
    int place() {
        return at;
    }

    /** Takes the next token. At the end of the text it is {@link Token#END}. */
    Token next() throws SyntaxError {
        skipBlanks();
        int start = at;
        if (at == text.length()) {
            return new Token(Token.END, List.of(), start, start);
        }
        if (text.charAt(at) == '\n') {
            at++;
            return new Token(Token.NEWLINE, List.of(), start, at);
        }
        int digits = descriptorDigits();
        if (digits > 0) {
            at += digits;
            String operator = operator();
            return new Token(text.substring(start, start + digits) + operator, List.of(), start, at);
        }
        String operator = operator();
        return operator != null ? new Token(operator, List.of(), start, at) : word(start);
    }

    private void skipBlanks() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("\\\n", at)) {
                at += 2;
            } else if (BLANKS.indexOf(c) >= 0) {
                at++;
            } else {
                return;
            }
        }
    }

    /** Returns the number of digits here, if an operator of a redirection follows them; 0 otherwise. */
    private int descriptorDigits() {
        int digits = 0;
        while (at + digits < text.length() && Character.digit(text.charAt(at + digits), 10) >= 0) {
            digits++;
        }
        int end = at + digits;
        boolean redirects = end < text.length() && "<>".indexOf(text.charAt(end)) >= 0 && !isComparison(end);
        return redirects && digits <= MAX_DESCRIPTOR_DIGITS ? digits : 0;
    }

    private boolean isComparison(int place) {
        return text.startsWith(">=", place) || text.startsWith("<=", place);
    }

    private String operator() {
        if (isComparison(at)) {
            return null;
        }
        for (String operator : OPERATORS) {
            if (text.startsWith(operator, at)) {
                at += operator.length();
                return operator;
            }
        }
        return null;
    }

    // ---- words ----

    private Token word(int start) throws SyntaxError {
        parts = new ArrayList<>();
        run = new StringBuilder();
        runIsQuoted = false;
        while (at < text.length() && (ENDS_WORD.indexOf(text.charAt(at)) < 0 || isComparison(at))) {
            char c = text.charAt(at++);
            switch (c) {
                case '\'' -> singleQuotes();
                case '"' -> doubleQuotes();
                case '\\' -> backslash();
                case '$' -> dollar(false);
                case '`' -> throw noSubstitution("`...`");
                default -> add(c, false);
            }
        }
        endRun();
        return new Token("", List.copyOf(parts), start, at);
    }

    private void add(char c, boolean quoted) {
        if (quoted != runIsQuoted) {
            endRun();
            runIsQuoted = quoted;
        }
        run.append(c);
    }

    private void endRun() {
        if (!run.isEmpty()) {
            parts.add(Part.text(run.toString(), runIsQuoted));
            run.setLength(0);
        }
    }

    /** Adds an empty quoted part, so that a word of nothing but quotes is a word. */
    private void beginQuotes() {
        endRun();
        parts.add(Part.text("", true));
    }

    private void singleQuotes() throws SyntaxError {
        beginQuotes();
        int end = text.indexOf('\'', at);
        if (end < 0) {
            throw unclosed('\'');
        }
        for (; at < end; at++) {
            if (text.charAt(at) != 0) {
                add(text.charAt(at), true);
            }
        }
        at++;
    }

    private void doubleQuotes() throws SyntaxError {
        beginQuotes();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c == '$') {
                dollar(true);
            } else if (c == '`') {
                throw noSubstitution("`...`");
            } else if (c == '\\' && at < text.length() && "$`\"\\\n".indexOf(text.charAt(at)) >= 0) {
                backslash();
            } else if (c != 0) {
                add(c, true);
            }
        }
        if (at == text.length()) {
            throw unclosed('"');
        }
        at++;
    }

    /** Takes the character after a backslash. A line end is left out with it; at the end it stands alone. */
    private void backslash() {
        if (at == text.length()) {
            add('\\', true);
        } else if (text.charAt(at) == '\n') {
            at++;
        } else {
            add(text.charAt(at++), true);
        }
    }

    private void dollar(boolean quoted) throws SyntaxError {
        char c = at < text.length() ? text.charAt(at) : ' ';
        if (c == '?') {
            endRun();
            parts.add(new Part(Part.Kind.STATUS, "", quoted));
            at++;
        } else if (c == '(') {
            throw noSubstitution("$(...)");
        } else if (c == '{' || c == '_' || "@*#-$!".indexOf(c) >= 0 || c < 0x80 && Character.isLetterOrDigit(c)) {
            throw new SyntaxError("$" + c + ": there are no variables but $?; write '$' in single quotes for the "
                    + "character");
        } else {
            add('$', quoted);
        }
    }

    private static SyntaxError unclosed(char quote) {
        return new SyntaxError("a quote " + quote + " is not closed; write \\" + quote + " for the character");
    }

    private static SyntaxError noSubstitution(String form) {
        return new SyntaxError(form + ": the output of a command cannot become words here; run the command by itself");
    }
}
