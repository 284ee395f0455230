package ferrite.kernel.log;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.SpinLock;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Interned strings in RAM: call sites and names that records point at, and that outlive the records' owners. The table
 * only grows. Once it is full, every new string gets the first entry, {@code (string table full)}.
 *
 * <pre>
 * 0  lock     4  bytes used     8  first string, NUL-terminated; the next one begins at the next word
 * </pre>
 */
public final class StringTable {

    public static final int BYTES = 64 << 10;

    private static final int USED = 4;
    private static final int FIRST = 8;
    private static final int MAX_LENGTH = 120;
    private static final String FULL = "(string table full)";

    private final KernelMemory memory;
    private final SpinLock locks;
    private final long table;
    /** A cache of the table in RAM. */
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

    /** Fills the cache from RAM. Only looks. */
    public void rebuild(ReadableMemory peek) {
        int used = peek.load32(table + USED);
        for (int at = FIRST; at < used; ) {
            String text = peek.loadString(table + at, MAX_LENGTH + 1);
            known.put(text, table + at);
            at += size(text);
        }
    }

    /** Returns the address of an equal string in the table, adding it if necessary. Any context. */
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

    /** Converts a string to the form that is read back, so that a kernel that attaches finds the same key. */
    private static String asStored(String text) {
        String latin = new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
        int end = latin.indexOf(0) < 0 ? latin.length() : latin.indexOf(0);
        return latin.substring(0, Math.min(end, MAX_LENGTH));
    }

    private long append(String text) {
        int used = memory.load32(table + USED);
        if (used + size(text) > BYTES) {
            return table + FIRST;
        }
        memory.storeString(table + used, text, MAX_LENGTH + 1);
        memory.store32(table + USED, used + size(text));
        known.put(text, table + used);
        return table + used;
    }

    private static int size(String text) {
        return text.length() + 1 + 3 & ~3;
    }

    /** Reads the string at an address that {@link #intern} returned; {@code ?} for address 0. */
    public static String read(ReadableMemory memory, long address) {
        return address == 0 ? "?" : memory.loadString(address, MAX_LENGTH + 1);
    }
}
