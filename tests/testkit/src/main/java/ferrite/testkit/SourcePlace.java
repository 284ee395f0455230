package ferrite.testkit;

/** The file or the line that an assertion expects, compared with a line of a report. */
record SourcePlace(String text) {

    /** Returns the source file of a class: that of its outermost class. */
    static SourcePlace of(Class<?> type) {
        Class<?> outermost = type;
        while (outermost.getEnclosingClass() != null) {
            outermost = outermost.getEnclosingClass();
        }
        return new SourcePlace(outermost.getSimpleName() + ".java");
    }

    /** Returns whether a line of a report, such as {@code MyDriver.java:12}, is this line or in this file. */
    boolean contains(String line) {
        return line != null && (line.equals(text) || line.startsWith(text + ":") || line.startsWith(text + " "));
    }
}
