package ferrite.kernel.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads a text as commands.
 *
 * <pre>
 *  text     = [list] { separator [list] }        separator = ; | &amp; | line end
 *  list     = pipeline { (&amp;&amp; | ||) pipeline }
 *  pipeline = [!] command { | command }
 *  command  = (word | redirection)...            with at least one word
 * </pre>
 *
 * Unlike POSIX's, a text may have separators with nothing between them.
 */
public final class Parser {

    /** A bound for the tasks and the memory of one pipeline. */
    public static final int MAX_COMMANDS = 16;
    private static final int MAX_DESCRIPTOR = 2;
    private static final List<String> RESERVED = List.of("if", "then", "else", "elif", "fi", "do", "done", "case",
            "esac", "while", "until", "for", "{", "}", "[[", "function");

    private final String text;
    private final Tokenizer tokenizer;
    private Token token;
    /** The place after the last token that belongs to the current list. */
    private int end;

    private Parser(String text, int start) throws SyntaxError {
        this.text = text;
        this.tokenizer = new Tokenizer(text, start);
        this.token = tokenizer.next();
    }

    /** Reads a whole text. */
    public static List<AndOr> parse(String text) throws SyntaxError {
        Parser parser = new Parser(text, 0);
        List<AndOr> lists = new ArrayList<>();
        for (AndOr list = parser.nextList(); list != null; list = parser.nextList()) {
            lists.add(list);
        }
        return lists;
    }

    /**
     * Splits a text into lines with one list each, as the machine takes them. A line with a mistake becomes one such
     * line as a whole: the machine's shell tells of it.
     */
    public static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int good = start;
            try {
                Parser parser = new Parser(text, start);
                for (AndOr list = parser.nextList(); list != null; list = parser.nextList()) {
                    lines.add(list.source());
                    good = parser.token.start();
                }
                return lines;
            } catch (SyntaxError mistake) {
                int lineEnd = text.indexOf('\n', skipSeparators(text, good));
                start = lineEnd < 0 ? text.length() : lineEnd + 1;
                lines.add(text.substring(skipSeparators(text, good), start).strip());
            }
        }
        return lines;
    }

    private static int skipSeparators(String text, int from) {
        int at = from;
        while (at < text.length() && "; \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }

    /**
     * Returns the words of the command that a text ends in, for completion, with the operators of its redirections. The
     * last word is the one that is being typed, perhaps empty; quotes in it stay as they are.
     */
    public static List<String> wordsAtEnd(String text) {
        List<String> words = new ArrayList<>();
        Tokenizer tokens = new Tokenizer(text, 0);
        int start = 0;
        try {
            Token token = tokens.next();
            while (!token.is(Token.END)) {
                start = token.start();
                if (token.isWord() && token.end() < text.length()) {
                    words.add(token.text());
                } else if (token.isWord()) {
                    words.add(text.substring(start));
                    return words;
                } else if (token.operator().matches("[0-9]*[<>].*")) {
                    words.add(token.operator());
                } else {
                    words.clear();
                }
                start = tokens.place();
                token = tokens.next();
            }
            words.add("");
        } catch (SyntaxError unfinished) {
            words.add(text.substring(start).strip());
        }
        return words;
    }

    /** Tells whether a text is one command by itself: no operator, and no second command. */
    public static boolean isPlain(String text) {
        try {
            List<AndOr> lists = parse(text);
            return lists.size() == 1 && !lists.get(0).inBackground() && lists.get(0).onlyCommand() != null
                    && lists.get(0).onlyCommand().redirections().isEmpty();
        } catch (SyntaxError mistake) {
            return false;
        }
    }

    /** Returns the next list, or null at the end of the text. */
    private AndOr nextList() throws SyntaxError {
        while (token.is(";") || token.is(Token.NEWLINE)) {
            token = tokenizer.next();
        }
        return token.is(Token.END) ? null : list();
    }

    private AndOr list() throws SyntaxError {
        int start = token.start();
        List<AndOr.Step> steps = new ArrayList<>();
        AndOr.Condition condition = AndOr.Condition.ALWAYS;
        while (condition != null) {
            steps.add(new AndOr.Step(condition, pipeline()));
            condition = token.is("&&") ? AndOr.Condition.AND : token.is("||") ? AndOr.Condition.OR : null;
            if (condition != null) {
                takeAndSkipLineEnds();
            }
        }
        boolean inBackground = token.is("&");
        if (inBackground) {
            take();
        } else if (!token.is(";") && !token.is(Token.NEWLINE) && !token.is(Token.END)) {
            throw unexpected();
        }
        return new AndOr(List.copyOf(steps), inBackground, text.substring(start, end));
    }

    private Pipeline pipeline() throws SyntaxError {
        boolean isNot = token.isUnquoted("!");
        if (isNot) {
            take();
        }
        List<SimpleCommand> commands = new ArrayList<>(List.of(command()));
        while (token.is("|")) {
            takeAndSkipLineEnds();
            commands.add(command());
        }
        if (commands.size() > MAX_COMMANDS) {
            throw new SyntaxError("a pipeline has at most " + MAX_COMMANDS + " commands");
        }
        return new Pipeline(isNot, List.copyOf(commands));
    }

    private SimpleCommand command() throws SyntaxError {
        List<Token> words = new ArrayList<>();
        List<Redirection> redirections = new ArrayList<>();
        for (;;) {
            if (token.isWord()) {
                if (words.isEmpty()) {
                    refuseForms();
                }
                words.add(token);
                take();
            } else if (token.operator().endsWith("(") && words.size() == 1) {
                throw new SyntaxError(words.get(0).text() + "(): there are no functions; quote '(' for the character");
            } else if (token.operator().matches("[0-9]*[<>].*")) {
                redirections.add(redirection());
            } else if (words.isEmpty()) {
                throw redirections.isEmpty() ? unexpected()
                        : new SyntaxError("a command is missing beside the redirection; for example echo hi > /dev/x");
            } else {
                return new SimpleCommand(List.copyOf(words), List.copyOf(redirections));
            }
        }
    }

    private void refuseForms() throws SyntaxError {
        for (String word : RESERVED) {
            if (token.isUnquoted(word)) {
                throw new SyntaxError(word + ": there are no loops, conditions and groups; use &&, || and ;");
            }
        }
        if (token.isUnquoted("!")) {
            throw new SyntaxError("!: it stands before a pipeline, once; quote it for the character");
        }
        Part first = token.parts().get(0);
        if (!first.quoted() && first.text().matches("(?s)[A-Za-z_][A-Za-z0-9_]*=.*")) {
            throw new SyntaxError(token.text() + ": there are no variables; quote the word if it is a command's name");
        }
    }

    private Redirection redirection() throws SyntaxError {
        String operator = token.operator().replaceFirst("[0-9]+", "");
        String digits = token.operator().substring(0, token.operator().length() - operator.length());
        Redirection.Kind kind = switch (operator) {
            case "<" -> Redirection.Kind.READ;
            case ">", ">|" -> Redirection.Kind.WRITE;
            case ">>" -> Redirection.Kind.APPEND;
            case "<&", ">&" -> Redirection.Kind.DUPLICATE;
            case "<<", "<<-" -> throw new SyntaxError(operator + ": there are no here documents; use echo and a pipe");
            default -> throw new SyntaxError(operator + ": a file is opened to be read with <, or written with >");
        };
        int descriptor = digits.isEmpty() ? operator.startsWith("<") ? 0 : 1 : Integer.parseInt(digits);
        take();
        if (!token.isWord()) {
            throw new SyntaxError("a path is missing after " + digits + operator);
        }
        Token target = token;
        boolean isDescriptor = target.text().matches("[0-" + MAX_DESCRIPTOR + "]");
        if (descriptor > MAX_DESCRIPTOR || kind == Redirection.Kind.DUPLICATE && !isDescriptor) {
            throw new SyntaxError(digits + operator + target.text() + ": only descriptors 0, 1 and 2 are there");
        }
        take();
        return new Redirection(descriptor, kind, target);
    }

    private void take() throws SyntaxError {
        end = token.end();
        token = tokenizer.next();
    }

    private void takeAndSkipLineEnds() throws SyntaxError {
        String operator = token.operator();
        take();
        while (token.is(Token.NEWLINE)) {
            token = tokenizer.next();
        }
        if (token.is(Token.END)) {
            throw new SyntaxError("a command is missing after " + operator);
        }
    }

    private SyntaxError unexpected() {
        return token.is("(") || token.is(")")
                ? new SyntaxError("( and ): there are no subshells; quote them for the characters")
                : token.is(Token.END) || token.is(Token.NEWLINE) ? new SyntaxError("a command is missing at the end")
                : new SyntaxError("there is no command before " + token.operator());
    }
}
