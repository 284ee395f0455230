package ferrite.kernel.log;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Interned strings in RAM: call sites and names that records point at, and that outlive the records' owners. The table
 * only grows. Once it is full, every new string gets the first entry, {@code (string table full)}.
 */
public final class StringTable {

    public static final int BYTES = 64 << 10;

    static final Struct STRUCT = Struct.of("string_table", BYTES);

    private static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    /** Offset of the first free byte. */
    private static final Word USED = STRUCT.u32("used", 4);
    /** The strings, each with its NUL. A string begins at a word. */
    private static final Bytes TEXT = STRUCT.bytes("text", 8, BYTES - 8);
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
        USED.set(memory, table, TEXT.offset());
        append(FULL);
    }

    /** Fills the cache from RAM. Only looks. */
    public void rebuild(ReadableMemory peek) {
        int used = USED.get(peek, table);
        for (int at = TEXT.offset(); at < used; ) {
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
        int flags = locks.lockIrqSave(LOCK.at(table));
        address = known.get(stored);
        if (address == null) {
            address = append(stored);
        }
        locks.unlockIrqRestore(LOCK.at(table), flags);
        return address;
    }

    /** Converts a string to the form that is read back, so that a kernel that attaches finds the same key. */
    private static String asStored(String text) {
        String latin = new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
        int end = latin.indexOf(0) < 0 ? latin.length() : latin.indexOf(0);
        return latin.substring(0, Math.min(end, MAX_LENGTH));
    }

    private long append(String text) {
        int used = USED.get(memory, table);
        if (used + size(text) > BYTES) {
            return TEXT.at(table);
        }
        memory.storeString(table + used, text, MAX_LENGTH + 1);
        USED.set(memory, table, used + size(text));
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
