package ferrite.kernel.fs;

import static ferrite.kernel.fs.FileLayout.DATA;
import static ferrite.kernel.fs.FileLayout.FLAGS;
import static ferrite.kernel.fs.FileLayout.MODE;
import static ferrite.kernel.fs.FileLayout.OPERATIONS;
import static ferrite.kernel.fs.FileLayout.OWNER;
import static ferrite.kernel.fs.FileLayout.POSITION;
import static ferrite.kernel.fs.FileLayout.RDEV;
import static ferrite.kernel.fs.FileLayout.SIGNALLED;

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
import java.util.function.ToLongFunction;

/**
 * Open files of the current task, by descriptor: {@code open}, {@code read}, {@code write}, {@code lseek},
 * {@code ioctl}, {@code poll}, {@code select}, {@code close}. Task context; all may sleep.
 */
public final class Files {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final Context context;
    private final MemoryManager mm;
    private final KmemCaches caches;
    private final CharDevices devices;
    private final Sysfs sysfs;
    private final SeqFiles seqFiles;
    private final ProcFiles proc;
    private final ModuleUse modules;
    private final Llseek llseek;
    private final Polling polling;
    private final Fasync fasync;
    private final IoctlChecks ioctls;
    private final RandomSource random;
    private final MemDevices memDevices;
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
        TextTable.Module module = base.text().newModule();
        this.devices = new CharDevices(base, tasks, mm.kmalloc(), module);
        this.sysfs = new Sysfs(base, mm.pages(), devices.classes(), module);
        this.seqFiles = new SeqFiles(base, mm.kmalloc(), module);
        this.proc = new ProcFiles(base, mm.pages(), new ProcEntries(base, mm.kmalloc(), seqFiles, module));
        this.modules = new ModuleUse(base);
        this.resources = new Resources(base, mm.kmalloc(), tree);
        this.llseek = new Llseek(base.memory(), base.text());
        this.polling = new Polling(base, tasks, mm.kmalloc(), module);
        this.fasync = new Fasync(base, mm.kmalloc(), tasks.tasks());
        this.ioctls = new IoctlChecks(base);
        this.random = new RandomSource(base);
        this.memDevices = new MemDevices(base, devices, mm.kmalloc(), random, module);
        this.root = base.root();
        proc.add(new BuddyInfo(mm.zones()));
        proc.add(new ZoneInfo(mm.zones(), mm.pages().pageSets(), mm.kmalloc(), base.harts()));
        proc.add(new PageTypeInfo(mm.zones()));
        proc.add(new MemInfo(mm.zones(), mm.kmalloc(), mm.vmalloc(), mm.perCpu()));
        proc.add(new SlabInfo(mm.caches().view()));
        proc.add(new VmallocInfo(mm.vmalloc().view()));
        proc.add(new InterruptsFile(interrupts, base.harts()));
        proc.setPidStat(new PidStat(base, tasks, mm.pages()));
        proc.add(new SoftirqsFile(base, tasks));
        proc.add(new StatFile(base, tasks, interrupts));
        proc.add(new LoadAvg(base, tasks));
        proc.add(new Uptime(base, tasks));
        proc.add(new DmaFile(dma));
        proc.add(new DevicesFile(devices.regions()));
        proc.add(new MiscFile(devices.misc()));
        proc.add(new IoMem(resources, RootLayout.MEMBLOCK.at(root)));
    }

    /** Sets the seed of random numbers. Returns this object. */
    public Files seeded(long seed) {
        random.setSeed(seed);
        return this;
    }

    /** Makes the lists of devices, the devices of memory, and the cache of open files. */
    public void boot() {
        devices.init();
        proc.entries().init();
        memDevices.init();
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

    /** Text that is made record by record. */
    public SeqFiles seqFiles() {
        return seqFiles;
    }

    /** The kernel's own {@code llseek} operations. */
    public Llseek llseek() {
        return llseek;
    }

    /** Signals for events of files. */
    public Fasync fasync() {
        return fasync;
    }

    /** Checks of the copies of an ioctl. */
    public IoctlChecks ioctls() {
        return ioctls;
    }

    /** The numbers of {@code /dev/random}. */
    public RandomSource random() {
        return random;
    }

    /** Waits for events of several files. */
    public Polling polling() {
        return polling;
    }

    /** {@code /sys}. */
    public Sysfs sysfs() {
        return sysfs;
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

    /**
     * Opens a path under {@code /dev}, {@code /proc} or {@code /sys}.
     *
     * @param flags {@link Fcntl#O_RDONLY}, {@link Fcntl#O_WRONLY} or {@link Fcntl#O_RDWR}, with others of Fcntl
     * @return a descriptor, or a negative {@link Errno}
     */
    public int open(String path, int flags) {
        int descriptor = freeDescriptor();
        if (descriptor < 0) {
            return descriptor;
        }
        if (path.matches("/|/(dev|proc|sys)/?") || path.startsWith("/sys/")
                && sysfs.list(path.substring("/sys".length())) != null) {
            return -Errno.EISDIR;
        }
        if (path.startsWith("/dev/")) {
            CharDevices.Found found = devices.lookUp(path.substring("/dev/".length()));
            return found == null ? -Errno.ENOENT : found.operations() == 0 ? -Errno.ENXIO
                    : open(descriptor, new Target(found.operations(), found.operations(), found.data(), found.dev()),
                            flags);
        }
        Target target = path.startsWith("/proc/") ? inProc(path.substring("/proc/".length()))
                : path.startsWith("/sys/") ? inSys(path.substring("/sys".length())) : null;
        return target == null ? -Errno.ENOENT : open(descriptor, target, flags);
    }

    /** The target of a path: the first words of a file. */
    private record Target(long operations, long owner, long data, int dev) { }

    private Target inProc(String name) {
        long address = proc.find(name);
        if (address != 0) {
            return new Target(proc.operations(), proc.operations(), address, 0);
        }
        if (name.matches("[1-9][0-9]{0,8}/stat")) {
            int pid = Integer.parseInt(name.substring(0, name.indexOf('/')));
            return new Target(proc.pidStat(), proc.pidStat(), pid, 0);
        }
        ProcEntries.Found found = proc.entries().lookUp(name);
        return found == null ? null : new Target(found.operations(), found.callback(), found.data(), 0);
    }

    private Target inSys(String path) {
        Sysfs.Found found = sysfs.lookUp(path);
        return found == null ? null : new Target(found.operations(), found.owner(), found.data(), 0);
    }

    private int open(int descriptor, Target target, int flags) {
        boolean lives = modules.tryGet(target.owner);
        long file = !lives ? 0
                : caches.objects().alloc(RootLayout.FILE_CACHE.get(memory, root), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO);
        if (file == 0) {
            sysfs.giveUp(target.operations, target.data);
            if (lives) {
                modules.put(target.owner);
            }
            return lives ? -Errno.ENOMEM : -Errno.ENXIO;
        }
        OPERATIONS.set(memory, file, target.operations);
        OWNER.set(memory, file, target.owner);
        DATA.set(memory, file, target.data);
        RDEV.set(memory, file, target.dev);
        FLAGS.set(memory, file, flags);
        // O_RDONLY is 0, O_WRONLY 1, O_RDWR 2
        MODE.set(memory, file, flags + 1 & Fcntl.O_ACCMODE | Fcntl.FMODE_LSEEK);
        int result = forProgram(checked("open", file, driver -> driver.open(file)));
        if (result < 0) {
            modules.put(target.owner);
            caches.objects().free(RootLayout.FILE_CACHE.get(memory, root), file);
            return result;
        }
        FLAGS.set(memory, file, FLAGS.get(memory, file) & ~Fcntl.O_TRUNC);
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
        return (int) checkedLong(call, file, operation::applyAsInt);
    }

    private long checkedLong(String call, long file, ToLongFunction<FileOperations> operation) {
        Context.Entered entered = context.enter();
        long result = operation.applyAsLong(operations(file));
        context.leave(() -> call + " of a file", entered);
        return result;
    }

    private boolean allows(long file, int mode) {
        return (MODE.get(memory, file) & mode) != 0;
    }

    /**
     * Reads at the file's position, and advances it. Returns the number of bytes, 0 at the end, or a negative {@link
     * Errno}: EINTR if a signal came first, EBADF if the file is open for writing only.
     */
    public int read(int descriptor, long to, int count) {
        long file = file(descriptor);
        if (file == 0 || !allows(file, Fcntl.FMODE_READ)) {
            return -Errno.EBADF;
        }
        int done = checked("read", file, driver -> driver.read(file, to, count, POSITION.get(memory, file)));
        advance(file, done);
        return forProgram(done);
    }

    /** Writes at the file's position, and advances it. Returns the number of bytes, or a negative {@link Errno}. */
    public int write(int descriptor, long from, int count) {
        long file = file(descriptor);
        if (file == 0 || !allows(file, Fcntl.FMODE_WRITE)) {
            return -Errno.EBADF;
        }
        llseek.toEndIfAppending(file);
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

    /**
     * {@code lseek}: moves the position.
     *
     * @param whence {@link Fcntl#SEEK_SET}, {@link Fcntl#SEEK_CUR} or {@link Fcntl#SEEK_END}
     * @return the new position, or a negative {@link Errno}: ESPIPE if the file has no positions
     */
    public long lseek(int descriptor, long offset, int whence) {
        long file = file(descriptor);
        if (file == 0 || whence < Fcntl.SEEK_SET || whence > Fcntl.SEEK_END) {
            return file == 0 ? -Errno.EBADF : -Errno.EINVAL;
        }
        if (!allows(file, Fcntl.FMODE_LSEEK)) {
            return -Errno.ESPIPE;
        }
        long result = checkedLong("llseek", file, driver -> driver.llseek(file, offset, whence));
        return result == -Errno.ENOSYS ? llseek.defaultLlseek(file, offset, whence) : result;
    }

    /** {@code ioctl}. Returns the driver's result, or a negative {@link Errno}: ENOTTY if it is not its command. */
    public int ioctl(int descriptor, int command, long argument) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        return switch (command) {
            case Ioctl.FIONBIO -> setFlag(file, Fcntl.O_NONBLOCK, memory.load32(argument) != 0);
            case Ioctl.FIOASYNC -> setAsync(descriptor, file, memory.load32(argument) != 0);
            default -> forProgram(callIoctl(file, command, argument));
        };
    }

    private int callIoctl(long file, int command, long argument) {
        long task = cpu.tp();
        ioctls.begins(command, argument);
        try {
            return checked("ioctl", file, driver -> driver.ioctl(file, command, argument));
        } finally {
            ioctls.ended(task);
        }
    }

    private int setFlag(long file, int flag, boolean on) {
        int others = FLAGS.get(memory, file) & ~flag;
        FLAGS.set(memory, file, on ? others | flag : others);
        return 0;
    }

    /** Begins or ends SIGIO. Returns 0 or a negative errno. */
    private int setAsync(int descriptor, long file, boolean on) {
        boolean changes = (FLAGS.get(memory, file) & Fcntl.FASYNC) != 0 ^ on;
        return changes ? Math.min(0, checked("fasync", file, driver -> driver.fasync(descriptor, file, on))) : 0;
    }

    /**
     * {@code fcntl}: reads or sets the flags, or the program that is sent SIGIO.
     *
     * @param command {@link Fcntl#F_GETFL} and its kin
     * @return the value that was asked for, 0, or a negative {@link Errno}
     */
    public int fcntl(int descriptor, int command, int argument) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        switch (command) {
            case Fcntl.F_GETFL -> {
                return FLAGS.get(memory, file);
            }
            case Fcntl.F_SETFL -> {
                int result = setAsync(descriptor, file, (argument & Fcntl.FASYNC) != 0);
                setFlag(file, Fcntl.O_APPEND, (argument & Fcntl.O_APPEND) != 0);
                setFlag(file, Fcntl.O_NONBLOCK, (argument & Fcntl.O_NONBLOCK) != 0);
                return result == -Errno.ENOTTY ? 0 : result;
            }
            case Fcntl.F_SETOWN -> {
                if (argument < 0) {
                    return -Errno.EINVAL;              // there are no process groups
                }
                SIGNALLED.set(memory, file, argument);
                return 0;
            }
            case Fcntl.F_GETOWN -> {
                return SIGNALLED.get(memory, file);
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
    }

    /**
     * {@code poll}: waits for events of files.
     *
     * @param fds          address of an array of {@link PollFdLayout}
     * @param milliseconds the longest sleep; 0 for none, negative for ever
     * @return the number of elements with events, 0 if the time is over, or a negative {@link Errno}: EINTR if a
     *         signal came first
     */
    public int poll(long fds, int count, int milliseconds) {
        return polling.poll(fds, count, milliseconds, this::events);
    }

    private int events(int descriptor, long table) {
        long file = file(descriptor);
        return file == 0 ? PollEvents.POLLNVAL : checked("poll", file, driver -> driver.poll(file, table));
    }

    /**
     * {@code select}: waits for events of files. A set is the address of a word with a bit for each descriptor, or 0.
     *
     * @param descriptors  the descriptors below this are looked at
     * @param microseconds the longest sleep; 0 for none, negative for ever
     * @return the number of bits that are left in the sets, 0 if the time is over, or a negative {@link Errno}: EBADF
     *         if one is not open, EINTR if a signal came first
     */
    public int select(int descriptors, long readSet, long writeSet, long exceptSet, long microseconds) {
        return polling.select(descriptors, new long[] {readSet, writeSet, exceptSet}, microseconds, this::events,
                descriptor -> file(descriptor) != 0);
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
        if ((FLAGS.get(memory, file) & Fcntl.FASYNC) != 0) {
            checked("fasync", file, driver -> driver.fasync(-1, file, false));
        }
        checked("release", file, driver -> {
            driver.release(file);
            return 0;
        });
        modules.put(OWNER.get(memory, file));
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
