package ferrite.kernel.fs;

import static ferrite.kernel.fs.FileLayout.DATA;
import static ferrite.kernel.fs.FileLayout.OPERATIONS;
import static ferrite.kernel.fs.FileLayout.POSITION;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.Context;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.dma.IsaDma;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.mm.KmemCaches;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskSystem;
import java.util.function.ToIntFunction;

/**
 * Open files of the current task, by descriptor: {@code open}, {@code read}, {@code write}, {@code lseek}, {@code
 * close}. Task context; all may sleep.
 */
public final class Files {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final Context context;
    private final MemoryManager mm;
    private final KmemCaches caches;
    private final CharDevices devices;
    private final ProcFiles proc;
    private final ModuleUse modules;
    private final Resources resources;
    private final long root;

    /** @param tree the machine's device tree, for the regions of devices */
    public Files(KernelBase base, TaskSystem tasks, MemoryManager mm, Interrupts interrupts, IsaDma dma,
            DeviceTreeNode tree) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.text = base.text();
        this.context = base.context();
        this.mm = mm;
        this.caches = mm.caches();
        this.devices = new CharDevices(base, mm.kmalloc());
        this.proc = new ProcFiles(base, mm.pages());
        this.modules = new ModuleUse(base);
        this.resources = new Resources(base, mm.kmalloc(), tree);
        this.root = base.root();
        proc.add(new BuddyInfo(mm.zones()));
        proc.add(new ZoneInfo(mm.zones(), mm.pages().pageSets(), mm.kmalloc(), base.harts()));
        proc.add(new PageTypeInfo(mm.zones()));
        proc.add(new MemInfo(mm.zones(), mm.kmalloc(), mm.vmalloc(), mm.perCpu()));
        proc.add(new SlabInfo(mm.caches().view()));
        proc.add(new VmallocInfo(mm.vmalloc().view()));
        proc.add(new InterruptsFile(interrupts, base.harts()));
        proc.add(new SoftirqsFile(base, tasks));
        proc.add(new StatFile(base, tasks, interrupts));
        proc.add(new LoadAvg(base, tasks));
        proc.add(new Uptime(base, tasks));
        proc.add(new DmaFile(dma));
        proc.add(new IoMem(resources, RootLayout.MEMBLOCK.at(root)));
    }

    /** Makes the list of devices, and the cache of open files. */
    public void boot() {
        devices.init();
        mm.addStaticCache(MemoryManager.StaticCache.FILP, "filp", FileLayout.SIZE);
    }

    /** {@code /dev}. */
    public CharDevices devices() {
        return devices;
    }

    /** {@code /proc}. */
    public ProcFiles proc() {
        return proc;
    }

    /** Regions of device registers. */
    public Resources resources() {
        return resources;
    }

    // ---- the console ----

    /** Registers the console: the text address of a driver's {@link Terminal}, and its data. Boot. */
    public void registerConsole(long terminal, long data) {
        RootLayout.TERMINAL_DATA.set(memory, root, data);
        RootLayout.TERMINAL.set(memory, root, terminal);
    }

    /** Returns whether a driver has registered a console. */
    public boolean hasConsole() {
        return RootLayout.TERMINAL.get(memory, root) != 0;
    }

    /** The registered console. */
    public Terminal console() {
        return text.at(RootLayout.TERMINAL.get(memory, root), Terminal.class);
    }

    /** The data for the methods of {@link #console}. */
    public long consoleData() {
        return RootLayout.TERMINAL_DATA.get(memory, root);
    }

    // ---- open files ----

    /** Opens a path under {@code /dev} or {@code /proc}. Returns a descriptor, or a negative {@link Errno}. */
    public int open(String path) {
        int descriptor = freeDescriptor();
        if (descriptor < 0) {
            return descriptor;
        }
        if (path.equals("/") || path.equals("/dev") || path.equals("/proc") || path.equals("/dev/")
                || path.equals("/proc/")) {
            return -Errno.EISDIR;
        }
        long operations = 0;
        long data = 0;
        if (path.startsWith("/dev/")) {
            CharDevices.Found found = devices.lookUp(path.substring("/dev/".length()));
            operations = found == null ? 0 : found.operations();
            data = found == null ? 0 : found.data();
        } else if (path.startsWith("/proc/")) {
            data = proc.find(path.substring("/proc/".length()));
            operations = data == 0 ? 0 : proc.operations();
        }
        return operations == 0 ? -Errno.ENOENT : open(descriptor, operations, data);
    }

    private int open(int descriptor, long operations, long data) {
        long file = caches.objects().alloc(RootLayout.FILE_CACHE.get(memory, root), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO);
        if (file == 0) {
            return -Errno.ENOMEM;
        }
        OPERATIONS.set(memory, file, operations);
        DATA.set(memory, file, data);
        int result = checked("open", file, driver -> driver.open(file));
        if (result >= 0) {
            modules.get(operations);
        } else {
            caches.objects().free(RootLayout.FILE_CACHE.get(memory, root), file);
            return result;
        }
        memory.storeAddress(slot(descriptor), file);
        return descriptor;
    }

    private int freeDescriptor() {
        for (int descriptor = 0; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            if (memory.load32(slot(descriptor)) == 0) {
                return descriptor;
            }
        }
        return -Errno.EMFILE;
    }

    private long slot(int descriptor) {
        return TaskLayout.FILES.at(cpu.tp(), descriptor);
    }

    /** Returns the file of a descriptor of the current task, or 0. */
    private long file(int descriptor) {
        return descriptor < 0 || descriptor >= TaskLayout.MAX_FILES ? 0 : memory.loadAddress(slot(descriptor));
    }

    private FileOperations operations(long file) {
        return text.at(OPERATIONS.get(memory, file), FileOperations.class);
    }

    /** Calls a driver's operation, and checks that it ends the atomic sections that it begins. */
    private int checked(String call, long file, ToIntFunction<FileOperations> operation) {
        Context.Entered entered = context.enter();
        int result = operation.applyAsInt(operations(file));
        context.leave(() -> call + " of a file", entered);
        return result;
    }

    /**
     * Reads at the file's position, and advances it. Returns the number of bytes, 0 at the end, or a negative {@link
     * Errno}: EINTR if a signal came first.
     */
    public int read(int descriptor, long to, int count) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        int done = checked("read", file, driver -> driver.read(file, to, count, POSITION.get(memory, file)));
        advance(file, done);
        return forProgram(done);
    }

    /** Writes at the file's position, and advances it. Returns the number of bytes, or a negative {@link Errno}. */
    public int write(int descriptor, long from, int count) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        int done = checked("write", file, driver -> driver.write(file, from, count, POSITION.get(memory, file)));
        advance(file, done);
        return forProgram(done);
    }

    /** Converts ERESTARTSYS to EINTR. There are no signal handlers after which the call could be restarted. */
    private static int forProgram(int result) {
        return result == -Errno.ERESTARTSYS ? -Errno.EINTR : result;
    }

    /** Returns {@code fstat}'s size of an open file in bytes, or a negative {@link Errno} if it has none. */
    public long size(int descriptor) {
        long file = file(descriptor);
        return file == 0 ? -Errno.EBADF : operations(file).size(file);
    }

    private void advance(long file, int done) {
        if (done > 0) {
            POSITION.add(memory, file, done);
        }
    }

    /** {@code lseek}, from the start. */
    public int seek(int descriptor, long position) {
        long file = file(descriptor);
        if (file == 0 || position < 0) {
            return file == 0 ? -Errno.EBADF : -Errno.EINVAL;
        }
        POSITION.set(memory, file, position);
        return 0;
    }

    /**
     * Closes a file. Returns 0, or a negative {@link Errno} if written data was lost; the file is closed in either
     * case.
     */
    public int close(int descriptor) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        memory.store32(slot(descriptor), 0);
        int result = checked("flush", file, driver -> driver.flush(file));
        checked("release", file, driver -> {
            driver.release(file);
            return 0;
        });
        modules.put(OPERATIONS.get(memory, file));
        caches.objects().free(RootLayout.FILE_CACHE.get(memory, root), file);
        return result;
    }

    /** Closes all files of the current task. */
    public void closeAll() {
        for (int descriptor = 0; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            if (memory.load32(slot(descriptor)) != 0) {
                close(descriptor);
            }
        }
    }
}
