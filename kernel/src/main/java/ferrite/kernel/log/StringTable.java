package ferrite.kernel.log;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.SpinLock;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Interned strings: call sites and names that outlive who had them, kept in RAM so that a record can point at one. It only grows; when it
 * is full, new strings are answered with the first entry, which says so.
 *
 * <pre>
 * 0  lock     4  bytes used     8  first string, NUL-terminated; the next begins at the next word
 * </pre>
 */
public final class StringTable {

    public static final int BYTES = 64 << 10;

    private static final int USED = 4;
    private static final int FIRST = 8;
    private static final int LONGEST = 120;
    private static final String FULL = "(string table full)";

    private final KernelMemory memory;
    private final SpinLock locks;
    private final long table;
    /** A cache of what is in RAM. */
    private final Map<String, Long> known = new HashMap<>();

    public StringTable(KernelMemory memory, KernelCpu cpu, long table) {
        this.memory = memory;
        this.locks = new SpinLock(memory, cpu);
        this.table = table;
    }

    /** Makes the empty table. */
    public void init() {
        memory.store32(table + USED, FIRST);
        append(FULL);
    }

    /** Fills the cache from RAM, by looking. */
    public void rebuild(ReadableMemory peek) {
        int used = peek.load32(table + USED);
        for (int at = FIRST; at < used; ) {
            String text = peek.loadString(table + at, LONGEST + 1);
            known.put(text, table + at);
            at += size(text);
        }
    }

    /** The address of a string like this one. */
    public long intern(String text) {
        Long address = known.get(text);
        if (address != null) {
            return address;
        }
        String stored = asStored(text);
        address = known.get(stored);
        if (address != null) {
            return address;
        }
        int flags = locks.lockIrqSave(table);
        address = known.get(stored);
        if (address == null) {
            address = append(stored);
        }
        locks.unlockIrqRestore(table, flags);
        return address;
    }

    /** What will be read back: who attaches has to find the same string as who put it here. */
    private static String asStored(String text) {
        String latin = new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
        int end = latin.indexOf(0) < 0 ? latin.length() : latin.indexOf(0);
        return latin.substring(0, Math.min(end, LONGEST));
    }

    private long append(String text) {
        int used = memory.load32(table + USED);
        if (used + size(text) > BYTES) {
            return table + FIRST;
        }
        memory.storeString(table + used, text, LONGEST + 1);
        memory.store32(table + USED, used + size(text));
        known.put(text, table + used);
        return table + used;
    }

    private static int size(String text) {
        return text.length() + 1 + 3 & ~3;
    }

    /** The string at an address that {@link #intern} gave. */
    public static String read(ReadableMemory memory, long address) {
        return address == 0 ? "?" : memory.loadString(address, LONGEST + 1);
    }
}
