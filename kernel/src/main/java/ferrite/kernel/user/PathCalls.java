package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Files;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;

/** System calls on files that a path names. The root file system can only be read. */
final class PathCalls {

    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_DIRECTORY = 0200000;
    private static final int O_CLOEXEC = 02000000;
    private static final int FOR_FILES = Fcntl.O_ACCMODE | Fcntl.O_TRUNC | Fcntl.O_APPEND | Fcntl.O_NONBLOCK;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int X_OK = 1;
    private static final int W_OK = 2;
    private static final int ANY_X = 0111;
    private static final int ANY_W = 0222;

    private final UserServices services;
    private final KernelMemory memory;
    private final Files files;
    private final UserMemory user;
    private final UserArguments arguments;

    PathCalls(UserServices services, UserArguments arguments) {
        this.services = services;
        this.memory = services.memory();
        this.files = services.files();
        this.user = services.space().memory();
        this.arguments = arguments;
    }

    /** What a call does with a path. */
    @FunctionalInterface
    private interface WithPath {

        long apply(String path);
    }

    private long with(int directory, long path, WithPath call) {
        try {
            return call.apply(arguments.path(directory, path));
        } catch (UserArguments.Bad bad) {
            return bad.result();
        }
    }

    void addTo(SystemCalls calls) {
        calls.add(17, this::getcwd);
        for (int number : new int[] {33, 34, 35, 36, 37, 45, 53, 54, 88, 276, 412}) {
            calls.add(number, x -> -Errno.EROFS);      // mknod, mkdir, unlink, … utimensat: nothing can be changed
        }
        calls.add(48, x -> with(x.argument(0), x.pointer(1), path -> access(path, x.argument(2))));
        calls.add(439, x -> with(x.argument(0), x.pointer(1), path -> access(path, x.argument(2))));
        calls.add(49, x -> with(UserArguments.AT_FDCWD, x.pointer(0), this::chdir));
        calls.add(50, x -> {
            String directory = files.programs().directory(x.argument(0));
            return directory == null ? -Errno.ENOTDIR : chdir(directory);
        });
        calls.add(56, x -> with(x.argument(0), x.pointer(1), path -> open(path, x.argument(2))));
        calls.add(78, x -> with(x.argument(0), x.pointer(1), path -> readlink(path, x.pointer(2), x.argument(3))));
        calls.add(79, x -> stat(x, 3, file -> StatRecords.putStat64(user, x.pointer(2), file)));
        calls.add(291, x -> stat(x, 2, file -> StatRecords.putStatx(user, x.pointer(4), file)));
    }

    private long getcwd(Registers x) {
        byte[] path = (arguments.workingDirectory() + "\0").getBytes(StandardCharsets.UTF_8);
        if (Integer.compareUnsigned(x.argument(1), path.length) < 0) {
            return -Errno.ERANGE;
        }
        return UserMemory.orFault(user.write(x.pointer(0), path, 0, path.length), path.length);
    }

    private long access(String path, int wanted) {
        FileTree.Stat file = files.tree().find(path);
        if (file == null) {
            return -Errno.ENOENT;
        }
        boolean mayExecute = file.isDirectory() || (file.mode() & ANY_X) != 0;
        boolean mayWrite = (file.mode() & ANY_W) != 0 && (file.mode() & FileTree.S_IFMT) != FileTree.S_IFREG
                || path.startsWith("/sys/") && (file.mode() & ANY_W) != 0;
        return (wanted & W_OK) != 0 && !mayWrite ? -Errno.EROFS
                : (wanted & X_OK) != 0 && !mayExecute ? -Errno.EACCES : 0;
    }

    private long chdir(String path) {
        FileTree.Stat file = files.tree().find(path);
        if (file == null || !file.isDirectory()) {
            return file == null ? -Errno.ENOENT : -Errno.ENOTDIR;
        }
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        long stored = services.mm().kmalloc().kzalloc(bytes.length + 1, Gfp.GFP_KERNEL);
        if (stored == 0) {
            return -Errno.ENOMEM;
        }
        memory.write(stored, bytes, 0, bytes.length);
        services.mm().kmalloc().kfree(ProcessLayout.CWD.get(memory, services.process()));
        ProcessLayout.CWD.set(memory, services.process(), stored);
        return 0;
    }

    private long open(String path, int flags) {
        if ((flags & (O_CREAT | O_DIRECTORY)) != 0) {
            FileTree.Stat file = files.tree().find(path);
            if (file == null) {
                return (flags & O_CREAT) != 0 ? -Errno.EROFS : -Errno.ENOENT;
            }
            if ((flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) {
                return -Errno.EEXIST;
            }
            if ((flags & O_DIRECTORY) != 0 && !file.isDirectory()) {
                return -Errno.ENOTDIR;
            }
        }
        int descriptor = files.open(path, flags & FOR_FILES);
        if (descriptor >= 0) {
            files.programs().setCloseOnExec(descriptor, (flags & O_CLOEXEC) != 0);
        }
        return descriptor;
    }

    private long readlink(String path, long to, int bytes) {
        if (bytes <= 0) {
            return -Errno.EINVAL;
        }
        if (!path.equals("/proc/self/exe")) {
            return files.tree().find(path) == null ? -Errno.ENOENT : -Errno.EINVAL;
        }
        long stored = ProcessLayout.EXE.get(memory, services.process());
        if (stored == 0) {
            return -Errno.ENOENT;                      // there was no memory for the path
        }
        byte[] exe = memory.loadString(stored, ProcessLayout.MAX_PATH).getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes, exe.length);
        return UserMemory.orFault(user.write(to, exe, 0, length), length);
    }

    /** What is stored about a file. */
    @FunctionalInterface
    private interface Store {

        long of(FileTree.Stat file);
    }

    private long stat(Registers x, int flags, Store store) {
        try {
            boolean ofOpenFile = (x.argument(flags) & AT_EMPTY_PATH) != 0 && isEmpty(x.pointer(1));
            FileTree.Stat file = !ofOpenFile ? files.tree().find(arguments.path(x.argument(0), x.pointer(1)))
                    : x.argument(0) == UserArguments.AT_FDCWD ? files.tree().find(arguments.workingDirectory())
                    : files.programs().stat(x.argument(0));
            return file != null ? store.of(file) : ofOpenFile ? -Errno.EBADF : -Errno.ENOENT;
        } catch (UserArguments.Bad bad) {
            return bad.result();
        }
    }

    private boolean isEmpty(long path) {
        byte[] first = new byte[1];
        return path == 0 || user.read(path, first, 0, 1) == 0 && first[0] == 0;
    }
}
