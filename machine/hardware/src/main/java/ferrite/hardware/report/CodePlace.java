package ferrite.hardware.report;

/** A place in Java code, in words for a person. */
public final class CodePlace {

    private static final String JAR = ".jar";

    private CodePlace() { }

    /** Names the class, the method, the line, and the jar if a user brought it. */
    public static String of(StackTraceElement frame) {
        String line = frame.getLineNumber() < 0 ? "" : ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + " ("
                + (frame.getFileName() == null ? "?" : frame.getFileName() + line) + ")"
                + (jar(frame).isEmpty() ? "" : " of " + jar(frame));
    }

    /** Returns the name of the jar that a user brought; empty for other code. */
    public static String jar(StackTraceElement frame) {
        String loader = frame.getClassLoaderName();
        return loader == null || !loader.endsWith(JAR) ? "" : loader;
    }

    /** Tells whether the code is the JDK's. */
    public static boolean isJdk(StackTraceElement frame) {
        String module = frame.getModuleName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }
}
