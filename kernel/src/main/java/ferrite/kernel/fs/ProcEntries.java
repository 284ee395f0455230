package ferrite.kernel.fs;

import static ferrite.kernel.fs.ProcEntryLayout.CALLBACK;
import static ferrite.kernel.fs.ProcEntryLayout.DATA;
import static ferrite.kernel.fs.ProcEntryLayout.MODE;
import static ferrite.kernel.fs.ProcEntryLayout.NAME;
import static ferrite.kernel.fs.ProcEntryLayout.OPERATIONS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import java.util.ArrayList;
import java.util.List;

/** The files of {@code /proc} that drivers have made (LDD3 pages 82-91): a list in RAM. */
public final class ProcEntries {

    private static final int MAX_ENTRIES = 1024;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final long seqOperations;
    private final long singleOperations;
    private final long root;

    ProcEntries(KernelBase base, Kmalloc kmalloc, SeqFiles seqFiles, TextTable.Module module) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.root = base.root();
        this.seqOperations = module.add("proc_seq_ops", new SeqFileOperations(memory, seqFiles, false));
        this.singleOperations = module.add("proc_single_ops", new SeqFileOperations(memory, seqFiles, true));
    }

    void init() {
        ListHead.init(memory, RootLayout.PROC_ENTRIES.at(root));
    }

    /** The operations of entries with {@link SeqOperations} or {@link SeqShow}. */
    private record SeqFileOperations(KernelMemory memory, SeqFiles seqFiles, boolean single) implements FileOperations {

        @Override
        public int open(long file) {
            long callback = FileLayout.OWNER.get(memory, file);
            long data = FileLayout.DATA.get(memory, file);
            if (single) {
                return seqFiles.openSingle(file, callback, data);
            }
            int result = seqFiles.open(file, callback);
            if (result == 0) {
                SeqFileLayout.PRIVATE.set(memory, FileLayout.PRIVATE.get(memory, file), data);
            }
            return result;
        }

        @Override
        public int read(long file, long to, int count, long position) {
            return seqFiles.read(file, to, count, position);
        }

        @Override
        public long llseek(long file, long offset, int whence) {
            return seqFiles.lseek(file, offset, whence);
        }

        @Override
        public void release(long file) {
            seqFiles.release(file);
        }
    }

    /**
     * {@code proc_create_data}. May sleep.
     *
     * @param operations text address of {@link FileOperations}
     * @param data       copied to {@link FileLayout#DATA} of every file that is opened
     * @return the entry; 0 if there is a file with the name, if it has a slash, or without memory
     */
    public long create(String name, int mode, long operations, long data) {
        return create(name, mode, operations, operations, data);
    }

    /** {@code proc_create_seq_data}, as {@link #create}, with {@link SeqOperations}. */
    public long createSeq(String name, int mode, long callback, long data) {
        return create(name, mode, seqOperations, callback, data);
    }

    /** {@code proc_create_single_data}, as {@link #create}, with a {@link SeqShow}. */
    public long createSingle(String name, int mode, long callback, long data) {
        return create(name, mode, singleOperations, callback, data);
    }

    private long create(String name, int mode, long operations, long callback, long data) {
        long entry = name.isEmpty() || name.contains("/") ? 0 : kmalloc.kzalloc(ProcEntryLayout.SIZE, Gfp.GFP_KERNEL);
        if (entry == 0) {
            return 0;
        }
        NAME.set(memory, entry, strings.intern(name));
        MODE.set(memory, entry, mode == 0 ? 0444 : mode);
        OPERATIONS.set(memory, entry, operations);
        CALLBACK.set(memory, entry, callback);
        DATA.set(memory, entry, data);
        int flags = locks.lockIrqSave(RootLayout.PROC_LOCK.at(root));
        boolean isNew = find(name) == 0;
        if (isNew) {
            ListHead.addTail(memory, ProcEntryLayout.LIST.at(entry), RootLayout.PROC_ENTRIES.at(root));
        }
        locks.unlockIrqRestore(RootLayout.PROC_LOCK.at(root), flags);
        if (!isNew) {
            kmalloc.kfree(entry);
        }
        return isNew ? entry : 0;
    }

    /** {@code remove_proc_entry}. Open files stay open. May sleep. */
    public void remove(String name) {
        int flags = locks.lockIrqSave(RootLayout.PROC_LOCK.at(root));
        long entry = find(name);
        if (entry != 0) {
            ListHead.delete(memory, ProcEntryLayout.LIST.at(entry));
        }
        locks.unlockIrqRestore(RootLayout.PROC_LOCK.at(root), flags);
        kmalloc.kfree(entry);
    }

    /** The list is locked. */
    private long find(String name) {
        for (long entry : ListHead.nodes(memory, RootLayout.PROC_ENTRIES.at(root), MAX_ENTRIES)) {
            if (StringTable.read(memory, NAME.get(memory, entry)).equals(name)) {
                return entry;
            }
        }
        return 0;
    }

    /** The words of an opened file. */
    record Found(long operations, long callback, long data) { }

    /** Looks up a file; null if there is none. */
    Found lookUp(String name) {
        int flags = locks.lockIrqSave(RootLayout.PROC_LOCK.at(root));
        long entry = find(name);
        Found found = entry == 0 ? null : new Found(OPERATIONS.get(memory, entry), CALLBACK.get(memory, entry),
                DATA.get(memory, entry));
        locks.unlockIrqRestore(RootLayout.PROC_LOCK.at(root), flags);
        return found;
    }

    /** A file, with its permissions. */
    public record Node(String name, int mode) { }

    /** Lists the files. Any context. */
    List<Node> nodes() {
        int flags = locks.lockIrqSave(RootLayout.PROC_LOCK.at(root));
        List<Node> nodes = nodes(memory);
        locks.unlockIrqRestore(RootLayout.PROC_LOCK.at(root), flags);
        return nodes;
    }

    /** Lists the files in a view that stands still, or with the list locked. */
    List<Node> nodes(ReadableMemory view) {
        List<Node> nodes = new ArrayList<>();
        for (long entry : ListHead.nodes(view, RootLayout.PROC_ENTRIES.at(root), MAX_ENTRIES)) {
            nodes.add(new Node(StringTable.read(view, NAME.get(view, entry)), MODE.get(view, entry)));
        }
        return nodes;
    }
}
