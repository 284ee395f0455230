package ferrite.kernel.fs;

import static ferrite.kernel.fs.ProcEntryLayout.CALLBACK;
import static ferrite.kernel.fs.ProcEntryLayout.DATA;
import static ferrite.kernel.fs.ProcEntryLayout.IN_USE;
import static ferrite.kernel.fs.ProcEntryLayout.MODE;
import static ferrite.kernel.fs.ProcEntryLayout.NAME;
import static ferrite.kernel.fs.ProcEntryLayout.OPENERS;
import static ferrite.kernel.fs.ProcEntryLayout.OPERATIONS;
import static ferrite.kernel.fs.ProcEntryLayout.REFERENCES;
import static ferrite.kernel.fs.ProcEntryLayout.WAIT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WaitQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The files of {@code /proc} that drivers have made (LDD3 pages 82-91): a list in RAM. */
public final class ProcEntries {

    private static final int MAX_ENTRIES = 1024;
    private static final int MAX_OPENERS = 1 << 16;
    /** The removal adds this to the number of calls in progress: Linux's {@code BIAS}. */
    private static final int REMOVED = Integer.MIN_VALUE;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final StringTable strings;
    private final long seqOperations;
    private final long singleOperations;
    private final WaitQueue queues;
    private final Sleep sleep;
    private final ProcEntryFiles files;
    private final long operations;
    private final long root;

    ProcEntries(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, SeqFiles seqFiles, TextTable.Module module) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.strings = base.strings();
        this.root = base.root();
        this.queues = tasks.waitQueues();
        this.sleep = tasks.sleep();
        this.seqOperations = module.add("proc_seq_ops", new SeqFileOperations(memory, seqFiles, false));
        this.singleOperations = module.add("proc_single_ops", new SeqFileOperations(memory, seqFiles, true));
        this.files = new ProcEntryFiles(base, this, kmalloc);
        this.operations = module.add("proc_reg_file_ops", files);
    }

    void init() {
        ListHead.init(memory, RootLayout.PROC_ENTRIES.at(root));
    }

    /** The operations of entries with {@link SeqOperations} or {@link SeqShow}. */
    private record SeqFileOperations(KernelMemory memory, SeqFiles seqFiles, boolean single) implements FileOperations {

        @Override
        public int open(long file) {
            long callback = CALLBACK.get(memory, FileLayout.PROC_ENTRY.get(memory, file));
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

    /** The text address of the operations of each entry's files. */
    long operations() {
        return operations;
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
        REFERENCES.set(memory, entry, 1);
        ListHead.init(memory, OPENERS.at(entry));
        queues.init(WAIT.at(entry));
        int flags = lock();
        boolean isNew = find(name) == 0;
        if (isNew) {
            ListHead.addTail(memory, ProcEntryLayout.LIST.at(entry), RootLayout.PROC_ENTRIES.at(root));
        }
        unlock(flags);
        if (!isNew) {
            kmalloc.kfree(entry);
        }
        return isNew ? entry : 0;
    }

    int lock() {
        return locks.lockIrqSave(RootLayout.PROC_LOCK.at(root));
    }

    void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.PROC_LOCK.at(root), flags);
    }

    // ---- removal ----

    /**
     * {@code remove_proc_entry}: waits until no call of the driver's operations is in progress, and releases the files
     * that are open. The driver is not called for them any more. May sleep.
     */
    public void remove(String name) {
        int flags = lock();
        long entry = find(name);
        if (entry != 0) {
            ListHead.delete(memory, ProcEntryLayout.LIST.at(entry));
            IN_USE.add(memory, entry, REMOVED);
        }
        unlock(flags);
        if (entry == 0) {
            return;
        }
        await(entry, () -> IN_USE.get(memory, entry) == REMOVED);
        for (long file = firstOpen(entry); file != 0; file = firstOpen(entry)) {
            files.releaseOnce(entry, file);
        }
        put(entry);
    }

    /** Begins a call of the driver's. Returns false if the entry is being removed, or has been. */
    boolean enter(long entry) {
        int flags = lock();
        boolean isThere = IN_USE.get(memory, entry) >= 0;
        if (isThere) {
            IN_USE.add(memory, entry, 1);
        }
        unlock(flags);
        return isThere;
    }

    /** Ends {@link #enter}. The caller has a reference to the entry. */
    void leave(long entry) {
        int flags = lock();
        IN_USE.add(memory, entry, -1);
        boolean isLast = IN_USE.get(memory, entry) == REMOVED;
        unlock(flags);
        if (isLast) {
            wake(entry);
        }
    }

    /** Sleeps until a condition holds, which {@link #wake} makes true. */
    void await(long entry, BooleanSupplier condition) {
        sleep.waitEvent("remove_proc_entry", WAIT.at(entry), condition, TaskLayout.UNINTERRUPTIBLE, Sleep.FOREVER);
    }

    void wake(long entry) {
        queues.wakeUpAll(WAIT.at(entry));
    }

    /** Finds the {@link ProcOpenerLayout} of a file. The list is locked. Returns 0 after the file's release. */
    long opener(long entry, long file) {
        for (long opener : ListHead.nodes(memory, OPENERS.at(entry), MAX_OPENERS)) {
            if (ProcOpenerLayout.FILE.get(memory, opener) == file) {
                return opener;
            }
        }
        return 0;
    }

    /** Returns a file that the driver has not released; 0 if there is none. */
    private long firstOpen(long entry) {
        int flags = lock();
        boolean isNone = ListHead.isEmpty(memory, OPENERS.at(entry));
        long file = isNone ? 0 : ProcOpenerLayout.FILE.get(memory, ListHead.first(memory, OPENERS.at(entry)));
        unlock(flags);
        return file;
    }

    /** Looks up an entry, and takes a reference to it; 0 if there is none. */
    long hold(String name) {
        int flags = lock();
        long entry = find(name);
        if (entry != 0) {
            REFERENCES.add(memory, entry, 1);
        }
        unlock(flags);
        return entry;
    }

    /** Drops a reference to an entry, and frees it with the last one. */
    void put(long entry) {
        int flags = lock();
        REFERENCES.add(memory, entry, -1);
        boolean isLast = REFERENCES.get(memory, entry) == 0;
        unlock(flags);
        if (isLast) {
            kmalloc.kfree(entry);
        }
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

    /** A file, with its permissions. */
    public record Node(String name, int mode) { }

    /** Lists the files. Any context. */
    List<Node> nodes() {
        int flags = lock();
        List<Node> nodes = nodes(memory);
        unlock(flags);
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
