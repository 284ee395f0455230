package ferrite.kernel.fs;

import static ferrite.kernel.fs.FileLayout.COUNT;
import static ferrite.kernel.fs.FileLayout.DATA;
import static ferrite.kernel.fs.FileLayout.FLAGS;
import static ferrite.kernel.fs.FileLayout.MODE;
import static ferrite.kernel.fs.FileLayout.OPERATIONS;
import static ferrite.kernel.fs.FileLayout.OWNER;
import static ferrite.kernel.fs.FileLayout.POSITION;
import static ferrite.kernel.fs.FileLayout.RDEV;
import static ferrite.kernel.fs.FileLayout.SIGNALLED;
import static ferrite.kernel.fs.FileLayout.WATCHERS;

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
import ferrite.kernel.vm.FileReferences;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.UserSpace;
import java.util.function.IntUnaryOperator;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * Open files of the current task, by descriptor: {@code open}, {@code read}, {@code write}, {@code lseek},
 * {@code ioctl}, {@code poll}, {@code select}, {@code close}. Task context; all may sleep.
 */
public final class Files implements FileReferences {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final Context context;
    private final MemoryManager mm;
    private final UserMemory user;
    private final KmemCaches caches;
    private final Descriptors descriptors;
    private final CharDevices devices;
    private final Sysfs sysfs;
    private final SeqFiles seqFiles;
    private final ProcFiles proc;
    private final ModuleUse modules;
    private final Llseek llseek;
    private final Polling polling;
    private final Epoll epoll;
    private final Fasync fasync;
    private final IoctlChecks ioctls;
    private final RandomSource random;
    private final MemDevices memDevices;
    private final DeviceRegions regions;
    private final RootFs rootFs;
    private final FileTree tree;
    private final Namei names;
    private final ProgramFiles programs;
    private final long root;

    /** @param machine the machine's device tree, for the regions of devices */
    public Files(KernelBase base, TaskSystem tasks, MemoryManager mm, UserSpace space, DeviceTreeNode machine) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.text = base.text();
        this.context = base.context();
        this.mm = mm;
        this.caches = mm.caches();
        this.user = space.memory();
        TextTable.Module module = base.text().newModule();
        this.descriptors = new Descriptors(base);
        this.devices = new CharDevices(base, tasks, mm.kmalloc(), module);
        this.sysfs = new Sysfs(base, user, mm.pages(), devices.classes(), module);
        this.seqFiles = new SeqFiles(base, user, mm.kmalloc(), module);
        ProcEntries entries = new ProcEntries(base, tasks, mm.kmalloc(), seqFiles, module);
        this.proc = new ProcFiles(base, user, mm.pages(), entries);
        this.modules = new ModuleUse(base);
        this.regions = DeviceRegions.of(base, mm.kmalloc(), machine);
        this.llseek = new Llseek(base.memory(), base.text());
        this.polling = new Polling(base, tasks, mm.kmalloc(), module);
        this.epoll = new Epoll(base, tasks, mm.kmalloc(), user, this, module);
        this.fasync = new Fasync(base, mm.kmalloc(), tasks.tasks());
        this.ioctls = new IoctlChecks(base);
        this.random = new RandomSource(base);
        this.memDevices = new MemDevices(base, space, devices, random,
                new KmsgFile(base, tasks, user, polling), module);
        this.rootFs = new RootFs(base, mm, user, module);
        this.tree = new FileTree(this);
        Directories directories = new Directories(base, mm.kmalloc(), user, tree, module);
        this.names = new Namei(devices, proc, sysfs, rootFs, tree, directories);
        this.programs = new ProgramFiles(base, this, descriptors, directories,
                new Pipes(base, tasks, mm, user, polling, module), new Aio(base, tasks, mm.kmalloc(), this));
        this.root = base.root();
        new KernelProcFiles(base, tasks, mm, user, this, machine).addTo(proc);
    }

    /** Adds the files about interrupts and DMA channels. Returns this object. */
    public Files showing(KernelBase base, TaskSystem tasks, Interrupts interrupts, IsaDma dma) {
        proc.add(new InterruptsFile(interrupts, base.harts()));
        proc.add(new StatFile(base, tasks, interrupts));
        proc.add(new DmaFile(dma));
        return this;
    }

    /** Sets the seed of random numbers. Returns this object. */
    public Files seeded(long seed) {
        random.setSeed(seed);
        return this;
    }

    /** Makes the lists of devices, the devices of memory, and the cache of open files. Maps the I/O ports. */
    public void boot() {
        devices.init();
        proc.entries().init();
        memDevices.init(mm.kmalloc());
        epoll.init();
        programs.aio().init();
        regions.ports().boot(mm.vmalloc());
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
    public DeviceRegions regions() {
        return regions;
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

    /** Files that tell of events of other files. */
    public Epoll epoll() {
        return epoll;
    }

    /** {@code /sys}. */
    public Sysfs sysfs() {
        return sysfs;
    }

    /** The files of {@code --root}. */
    public RootFs rootFs() {
        return rootFs;
    }

    /** What only programs of machine code do with open files. */
    public ProgramFiles programs() {
        return programs;
    }

    /** The tree of all files. */
    public FileTree tree() {
        return tree;
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
     * Opens a path, which begins at the root directory in any case. A directory can be opened for
     * {@link ProgramFiles#readDirectory}.
     *
     * @param flags {@link Fcntl#O_RDONLY}, {@link Fcntl#O_WRONLY} or {@link Fcntl#O_RDWR}, with others of Fcntl
     * @return a descriptor, or a negative {@link Errno}
     */
    public int open(String path, int flags) {
        return path.isEmpty() ? -Errno.ENOENT : open(tree.walk("/", path, true), flags);
    }

    /** Opens the file at the end of a walk. */
    int open(PathWalk.End end, int flags) {
        int descriptor = descriptors.free(0);
        if (descriptor < 0 || end.error() != 0) {
            return descriptor < 0 ? descriptor : end.error();
        }
        Namei.Target target = names.find(end.path());
        return target.error() != 0 ? target.error() : open(target, flags);
    }

    /** Opens what a path or a program has led to. Returns a descriptor, or a negative errno. */
    int open(Namei.Target target, int flags) {
        int descriptor = descriptors.free(0);
        long file = descriptor < 0 ? descriptor : openFile(target, flags);
        if (file > 0) {
            descriptors.set(descriptor, file);
        }
        return file > 0 ? descriptor : (int) file;
    }

    /** Opens what a path has led to, without a descriptor. Returns the file, or a negative errno. */
    long openFile(String path, int flags) {
        Namei.Target target = names.find(path);
        return target.error() != 0 ? target.error() : openFile(target, flags);
    }

    private long openFile(Namei.Target target, int flags) {
        boolean lives = modules.tryGet(target.owner());
        long file = !lives ? 0
                : caches.objects().alloc(RootLayout.FILE_CACHE.get(memory, root), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO);
        if (file == 0) {
            names.giveUp(target);
            if (lives) {
                modules.put(target.owner());
            }
            return lives ? -Errno.ENOMEM : -Errno.ENXIO;
        }
        OPERATIONS.set(memory, file, target.operations());
        OWNER.set(memory, file, target.owner());
        DATA.set(memory, file, target.data());
        RDEV.set(memory, file, target.dev());
        FLAGS.set(memory, file, flags);
        COUNT.set(memory, file, 1);
        // O_RDONLY is 0, O_WRONLY 1, O_RDWR 2
        MODE.set(memory, file, flags + 1 & Fcntl.O_ACCMODE | Fcntl.FMODE_LSEEK);
        int result = forProgram(checked("open", file, driver -> driver.open(file)));
        if (result < 0) {
            names.giveUp(target);
            modules.put(target.owner());
            caches.objects().free(RootLayout.FILE_CACHE.get(memory, root), file);
            return result;
        }
        FLAGS.set(memory, file, FLAGS.get(memory, file) & ~Fcntl.O_TRUNC);
        return file;
    }

    /** Returns the file of a descriptor, or 0. */
    long file(int descriptor) {
        return descriptors.file(descriptor);
    }

    FileOperations operations(long file) {
        return text.at(OPERATIONS.get(memory, file), FileOperations.class);
    }

    /** Calls a driver's operation, and checks that it ends the atomic sections that it begins. */
    int checked(String call, long file, ToIntFunction<FileOperations> operation) {
        return (int) checkedLong(call, file, operation::applyAsInt);
    }

    private long checkedLong(String call, long file, ToLongFunction<FileOperations> operation) {
        Context.Entered entered = context.enter();
        long result = operation.applyAsLong(operations(file));
        context.leave(() -> call + " of a file", entered);
        return result;
    }

    boolean allows(long file, int mode) {
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

    /**
     * Converts ERESTARTSYS to EINTR for a command of the shell, which has no signal handlers. For a program of machine
     * code the system call is made again, or not, when the signal is delivered.
     */
    int forProgram(int result) {
        return result == -Errno.ERESTARTSYS && TaskLayout.MM.get(memory, cpu.tp()) == 0 ? -Errno.EINTR : result;
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
     * @param whence {@link Fcntl#SEEK_SET} and its kin
     * @return the new position, or a negative {@link Errno}: ESPIPE if the file has no positions
     */
    public long lseek(int descriptor, long offset, int whence) {
        long file = file(descriptor);
        if (file == 0 || whence < Fcntl.SEEK_SET || whence > Fcntl.SEEK_HOLE) {
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
            case Ioctl.FIONBIO -> withWord(argument, on -> setFlag(file, Fcntl.O_NONBLOCK, on != 0));
            case Ioctl.FIOASYNC -> withWord(argument, on -> setAsync(descriptor, file, on != 0));
            default -> forProgram(callIoctl(file, command, argument));
        };
    }

    private int withWord(long argument, IntUnaryOperator use) {
        int[] word = new int[1];
        return user.get32s(argument, word) ? use.applyAsInt(word[0]) : -Errno.EFAULT;
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

    /** Returns the events of a descriptor; {@code -ENOSYS} if its driver does not tell them. */
    int events(int descriptor, long table) {
        long file = file(descriptor);
        int events = file == 0 ? PollEvents.POLLNVAL : poll(file, table);
        return events == -Errno.ENOSYS ? PollEvents.DEFAULT : events;
    }

    /** Asks a file's driver for its events, which are {@code -ENOSYS} if the driver has no such operation. */
    int poll(long file, long table) {
        return checked("poll", file, driver -> driver.poll(file, table));
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
        descriptors.clear(descriptor);
        int result = checked("flush", file, driver -> driver.flush(file));
        put(file);
        return result;
    }

    // ---- references ----

    /** {@code get_file}: takes a reference to an open file. */
    @Override
    public void get(long file) {
        COUNT.amoAdd(memory, file, 1);
    }

    /** {@code fput}: drops a reference to an open file, and releases it with the last one. May sleep. */
    @Override
    public void put(long file) {
        if (COUNT.amoAdd(memory, file, -1) > 1) {
            return;
        }
        if (WATCHERS.get(memory, file) != 0) {
            epoll.forget(file);
        }
        if ((FLAGS.get(memory, file) & Fcntl.FASYNC) != 0) {
            checked("fasync", file, driver -> driver.fasync(-1, file, false));
        }
        checked("release", file, driver -> {
            driver.release(file);
            return 0;
        });
        modules.put(OWNER.get(memory, file));
        caches.objects().free(RootLayout.FILE_CACHE.get(memory, root), file);
    }

    /** Closes all files of the current task. */
    public void closeAll() {
        for (int descriptor = 0; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            if (file(descriptor) != 0) {
                close(descriptor);
            }
        }
    }
}
