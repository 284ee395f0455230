package ferrite.kernel.driver;

import ferrite.hardware.turn.Strand;
import ferrite.kernel.log.JavaStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Finds the kernel's calls ({@link KernelCalls}) among Java frames. Only looks. */
public final class CallsOnStack {

    private static final List<String> DOORS = doors();
    private static final Map<String, Exports.Export> CALLS = calls();

    private CallsOnStack() { }

    /** Returns the class of the door and those that it extends. */
    private static List<String> doors() {
        List<String> doors = new ArrayList<>();
        for (Class<?> door = KernelDoor.class; door != Object.class; door = door.getSuperclass()) {
            doors.add(door.getName());
        }
        return List.copyOf(doors);
    }

    private static Map<String, Exports.Export> calls() {
        Map<String, Exports.Export> calls = new TreeMap<>();
        Exports.all().forEach(export -> calls.put(key(export.name()), export));
        return calls;
    }

    /**
     * Returns the common form of a call's names in C and Java: no underscore but the first ones, and small letters; but
     * {@code SetPageDirty} is another call than {@code set_page_dirty}.
     */
    private static String key(String name) {
        if (name.matches("[A-Z].*[a-z].*")) {
            return name;
        }
        int first = 0;
        while (first < name.length() && name.charAt(first) == '_') {
            first++;
        }
        return name.substring(0, first) + name.substring(first).replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** Returns the call that a method of {@link KernelCalls} is, or null. */
    static Exports.Export call(String method) {
        return CALLS.get(key(method));
    }

    /** Returns the calls that the frames are in, innermost first. A call that another one makes is not among them. */
    public static List<Exports.Export> of(List<JavaStack.Frame> frames) {
        List<Exports.Export> found = new ArrayList<>();
        for (int i = 0; i < frames.size(); i++) {
            boolean fromOutside = i + 1 == frames.size() || !DOORS.contains(frames.get(i + 1).type());
            if (DOORS.contains(frames.get(i).type()) && fromOutside && call(frames.get(i).method()) != null) {
                found.add(call(frames.get(i).method()));
            }
        }
        return found;
    }

    /** Returns the C name of the innermost call that a strand is in, or null. The strand may be null. */
    public static String innermost(Strand strand) {
        List<Exports.Export> calls = strand == null ? List.of() : of(JavaStack.of(strand));
        return calls.isEmpty() ? null : calls.get(0).name();
    }
}
