package ferrite.kernel.driver;

import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.mm.KmemCaches;
import ferrite.kernel.proc.ProcFiles;
import ferrite.kernel.sched.TaskLayout;

/** Open files of the current task, by number: {@code open}, {@code read}, {@code write}, {@code lseek}, {@code close}. Task context; all may sleep. */
public final class Files {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TextTable text;
    private final KmemCaches caches;
    private final CharDevices devices;
    private final ProcFiles proc;
    private final long root;
    private UseCounter opened = (operations, change) -> { };

    public Files(KernelMemory memory, KernelCpu cpu, TextTable text, KmemCaches caches, CharDevices devices, ProcFiles proc, long root) {
        this.memory = memory;
        this.cpu = cpu;
        this.text = text;
        this.caches = caches;
        this.devices = devices;
        this.proc = proc;
        this.root = root;
    }

    /** Says who is told of files that are opened (1) and closed (-1), by the text address of their operations. */
    public void onUse(UseCounter counter) {
        opened = counter;
    }

    /** Counts the users of a driver. */
    @FunctionalInterface
    public interface UseCounter {
        void accept(long operations, int change);
    }

    public void init(long fileCache) {
        caches.add(fileCache, "filp", FileLayout.SIZE);
        memory.storeAddress(root + RootLayout.FILE_CACHE, fileCache);
    }

    /** Opens a path under {@code /dev} or {@code /proc}. Returns a descriptor, or a negative {@link Errno}. */
    public int open(String path) {
        int descriptor = freeDescriptor();
        if (descriptor < 0) {
            return descriptor;
        }
        if (path.equals("/") || path.equals("/dev") || path.equals("/proc") || path.equals("/dev/") || path.equals("/proc/")) {
            return -Errno.EISDIR;
        }
        long operations = 0;
        long data = 0;
        if (path.startsWith("/dev/")) {
            long entry = devices.find(memory, path.substring("/dev/".length()));
            operations = entry == 0 ? 0 : devices.operations(entry);
            data = entry == 0 ? 0 : devices.data(entry);
        } else if (path.startsWith("/proc/")) {
            data = proc.find(path.substring("/proc/".length()));
            operations = data == 0 ? 0 : proc.operations();
        }
        return operations == 0 ? -Errno.ENOENT : open(descriptor, operations, data);
    }

    private int open(int descriptor, long operations, long data) {
        long file = caches.objects().alloc(memory.loadAddress(root + RootLayout.FILE_CACHE), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO);
        if (file == 0) {
            return -Errno.ENOMEM;
        }
        memory.storeAddress(file + FileLayout.OPERATIONS, operations);
        memory.storeAddress(file + FileLayout.DATA, data);
        int result = operations(file).open(file);
        opened.accept(operations, result < 0 ? 0 : 1);
        if (result < 0) {
            caches.objects().free(memory.loadAddress(root + RootLayout.FILE_CACHE), file);
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
        return cpu.tp() + TaskLayout.FILES + 4L * descriptor;
    }

    /** The file behind a descriptor of the current task; 0 when there is none. */
    private long file(int descriptor) {
        return descriptor < 0 || descriptor >= TaskLayout.MAX_FILES ? 0 : memory.loadAddress(slot(descriptor));
    }

    private FileOperations operations(long file) {
        return text.at(memory.loadAddress(file + FileLayout.OPERATIONS), FileOperations.class);
    }

    /** Reads at the file's position and moves it. Returns how many bytes, 0 at the end, or a negative {@link Errno}; EINTR when a signal came first. */
    public int read(int descriptor, long to, int count) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        int done = operations(file).read(file, to, count, memory.load64(file + FileLayout.POSITION));
        advance(file, done);
        return forProgram(done);
    }

    /** Writes at the file's position and moves it. Returns how many bytes, or a negative {@link Errno}. */
    public int write(int descriptor, long from, int count) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        int done = operations(file).write(file, from, count, memory.load64(file + FileLayout.POSITION));
        advance(file, done);
        return forProgram(done);
    }

    /** There are no handlers after which a call could be made again: a program is told that it was interrupted. */
    private static int forProgram(int result) {
        return result == -Errno.ERESTARTSYS ? -Errno.EINTR : result;
    }

    /** {@code fstat}'s size: how many bytes an open file has, or a negative {@link Errno} when nobody can say. */
    public long size(int descriptor) {
        long file = file(descriptor);
        return file == 0 ? -Errno.EBADF : operations(file).size(file);
    }

    private void advance(long file, int done) {
        if (done > 0) {
            memory.store64(file + FileLayout.POSITION, memory.load64(file + FileLayout.POSITION) + done);
        }
    }

    /** {@code lseek}, from the start. */
    public int seek(int descriptor, long position) {
        long file = file(descriptor);
        if (file == 0 || position < 0) {
            return file == 0 ? -Errno.EBADF : -Errno.EINVAL;
        }
        memory.store64(file + FileLayout.POSITION, position);
        return 0;
    }

    /** Closes a file. Returns 0, or a negative {@link Errno} when what was written could not be kept; it is closed in either case. */
    public int close(int descriptor) {
        long file = file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        memory.store32(slot(descriptor), 0);
        int result = operations(file).flush(file);
        operations(file).release(file);
        opened.accept(memory.loadAddress(file + FileLayout.OPERATIONS), -1);
        caches.objects().free(memory.loadAddress(root + RootLayout.FILE_CACHE), file);
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
