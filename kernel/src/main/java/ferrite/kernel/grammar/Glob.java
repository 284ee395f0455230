package ferrite.kernel.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A pattern for paths (POSIX, 2.13): {@code *}, {@code ?} and {@code [...]} in each name of an absolute path. As in
 * POSIX, they match no point at the start of a name.
 */
public final class Glob {

    private static final int MAX_PATHS = 4096;
    /** Symbolic links can make many paths of few directories. */
    private static final int MAX_DIRECTORIES = 4096;

    /** The characters, and for each whether it was quoted. */
    private final StringBuilder characters = new StringBuilder();
    private final List<Boolean> quoted = new ArrayList<>();
    /** The directories that were listed. */
    private int listed;

    Glob(Token word, int status) {
        for (Part part : word.parts()) {
            String text = Expansion.valueOf(part, status);
            characters.append(text);
            text.chars().forEach(c -> quoted.add(part.quoted()));
        }
    }

    /**
     * Returns the paths that match, in order; none for a pattern that does not begin with a slash, or for which too
     * many directories would have to be listed.
     *
     * @param directory lists the names in a directory; null if the path is none
     */
    public List<String> paths(Function<String, List<String>> directory) {
        List<String> paths = new ArrayList<>();
        listed = 0;
        if (characters.indexOf("/") == 0) {
            add(1, "/", directory, paths);
        }
        return listed > MAX_DIRECTORIES ? List.of() : paths;
    }

    /** Adds the paths that continue a directory's with the names from a place on. */
    private void add(int from, String before, Function<String, List<String>> directory, List<String> paths) {
        int slash = characters.indexOf("/", from);
        int end = slash < 0 ? characters.length() : slash;
        List<String> names = ++listed > MAX_DIRECTORIES ? null : directory.apply(before);
        if (names == null) {
            return;
        }
        for (String name : end == from ? List.of("") : names.stream().sorted().toList()) {
            if (paths.size() < MAX_PATHS && listed <= MAX_DIRECTORIES && matches(from, end, name)) {
                if (slash < 0) {
                    paths.add(before + name);
                } else {
                    add(slash + 1, before + name + "/", directory, paths);
                }
            }
        }
    }

    /** Matches a name: after a mismatch the last asterisk takes one character more. */
    private boolean matches(int from, int end, String name) {
        if (name.startsWith(".") && isSpecial(from)) {
            return false;
        }
        int at = from;
        int retry = -1;
        int retryName = 0;
        for (int i = 0; i < name.length() || at < end; ) {
            if (at < end && isSpecial(at) && characters.charAt(at) == '*') {
                retry = ++at;
                retryName = i;
            } else if (at < end && i < name.length() && takes(at, end, name.charAt(i))) {
                at = next(at, end);
                i++;
            } else if (retry >= 0 && retryName < name.length()) {
                at = retry;
                i = ++retryName;
            } else {
                return false;
            }
        }
        return true;
    }

    private boolean isSpecial(int at) {
        return at < characters.length() && !quoted.get(at) && "*?[".indexOf(characters.charAt(at)) >= 0;
    }

    private boolean takes(int at, int end, char c) {
        if (!isSpecial(at) || isBracket(at) && closing(at, end) < 0) {
            return characters.charAt(at) == c;
        }
        return !isBracket(at) || isInBrackets(at, closing(at, end), c);
    }

    private int next(int at, int end) {
        return isSpecial(at) && isBracket(at) && closing(at, end) > 0 ? closing(at, end) + 1 : at + 1;
    }

    private boolean isBracket(int at) {
        return characters.charAt(at) == '[';
    }

    /** Returns the place of the bracket that closes another, or -1. One at the start stands for itself. */
    private int closing(int open, int end) {
        int first = open + (isInverted(open) ? 2 : 1);
        for (int at = first + 1; at < end; at++) {
            if (characters.charAt(at) == ']' && !quoted.get(at)) {
                return at;
            }
        }
        return -1;
    }

    private boolean isInverted(int open) {
        return open + 1 < characters.length() && !quoted.get(open + 1) && characters.charAt(open + 1) == '!';
    }

    private boolean isInBrackets(int open, int close, char c) {
        boolean isIn = false;
        int at = open + (isInverted(open) ? 2 : 1);
        while (at < close) {
            boolean range = at + 2 < close && characters.charAt(at + 1) == '-' && !quoted.get(at + 1);
            char low = characters.charAt(at);
            char high = range ? characters.charAt(at + 2) : low;
            isIn |= low <= c && c <= high;
            at += range ? 3 : 1;
        }
        return isIn != isInverted(open);
    }
}
