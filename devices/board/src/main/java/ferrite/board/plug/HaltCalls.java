package ferrite.board.plug;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Calls of {@code Runtime.halt} in the classes of a jar. That method ends the process with no word, and nothing can
 * notice it in time, unlike {@code System.exit}. Reflection hides such a call.
 *
 * <p>A class file begins with its constants (JVM specification, section 4.4), among them each method that it calls.
 */
final class HaltCalls {

    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int METHOD = 10;
    private static final int NAME_AND_TYPE = 12;
    private static final int METHOD_HANDLE = 15;
    /** The tags whose constant is one number of 16 bits: class, string, method type, module, package. */
    private static final Set<Integer> ONE_NUMBER = new HashSet<>(List.of(CLASS, 8, 16, 19, 20));
    private static final int HEADER_BYTES = 8;

    private final Map<Integer, String> texts = new HashMap<>();
    /** The text of a class's name, by the number of the class. */
    private final Map<Integer, Integer> classes = new HashMap<>();
    private final Map<Integer, Integer> names = new HashMap<>();
    /** Class, and name and type, of each method. */
    private final Map<Integer, int[]> methods = new HashMap<>();

    private HaltCalls(DataInputStream in) throws IOException {
        in.skipNBytes(HEADER_BYTES);
        int count = in.readUnsignedShort();
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            read(in, i, tag);
            i += tag == LONG || tag == DOUBLE ? 1 : 0;
        }
    }

    /** Returns the name of a class file in a jar that has such a call; null if there is none. */
    static String in(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().filter(each -> each.getName().endsWith(".class")).toList()) {
                if (isIn(file.getInputStream(entry).readAllBytes())) {
                    return entry.getName();
                }
            }
        }
        return null;
    }

    private static boolean isIn(byte[] bytes) {
        try {
            return new HaltCalls(new DataInputStream(new ByteArrayInputStream(bytes))).isThere();
        } catch (IOException damaged) {
            return false;                              // the JVM will not load it
        }
    }

    private void read(DataInputStream in, int number, int tag) throws IOException {
        if (tag == UTF8) {
            texts.put(number, in.readUTF());
        } else if (tag == LONG || tag == DOUBLE) {
            in.readLong();
        } else if (tag == METHOD_HANDLE) {
            in.skipNBytes(3);
        } else {
            int first = in.readUnsignedShort();
            int second = ONE_NUMBER.contains(tag) ? 0 : in.readUnsignedShort();
            switch (tag) {
                case CLASS -> classes.put(number, first);
                case NAME_AND_TYPE -> names.put(number, first);
                case METHOD -> methods.put(number, new int[] {first, second});
                default -> { }
            }
        }
    }

    private boolean isThere() {
        return methods.values().stream().anyMatch(method ->
                "java/lang/Runtime".equals(texts.get(classes.get(method[0])))
                        && "halt".equals(texts.get(names.get(method[1]))));
    }
}
