package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.PathWalk;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;

/** System calls on files that a path names. The root file system can only be read. */
final class PathCalls {

    private static final int O_CREAT = 0100;
    private static final int O_EXCL = 0200;
    private static final int O_DIRECTORY = 0200000;
    private static final int O_NOFOLLOW = 0400000;
    private static final int O_CLOEXEC = 02000000;
    private static final int FOR_FILES = Fcntl.O_ACCMODE | Fcntl.O_TRUNC | Fcntl.O_APPEND | Fcntl.O_NONBLOCK;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
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

    /** What a call does at the end of a path. */
    @FunctionalInterface
    private interface WithPath {

        long apply(PathWalk.End end);
    }

    private long with(int directory, long path, boolean follows, WithPath call) {
        try {
            return call.apply(arguments.path(directory, path, follows));
        } catch (UserArguments.Bad bad) {
            return bad.result();
        }
    }

    void addTo(SystemCalls calls) {
        calls.add(17, this::getcwd);
        addChanges(calls);
        calls.add(48, x -> with(x.argument(0), x.pointer(1), true, end -> access(end, x.argument(2))));
        calls.add(439, x -> with(x.argument(0), x.pointer(1), follows(x.argument(3)),
                end -> access(end, x.argument(2))));
        calls.add(49, x -> with(UserArguments.AT_FDCWD, x.pointer(0), true, end -> chdir(end.path())));
        calls.add(50, x -> {
            String directory = files.programs().directory(x.argument(0));
            return directory == null ? -Errno.ENOTDIR : chdir(directory);
        });
        calls.add(56, x -> with(x.argument(0), x.pointer(1), followsToOpen(x.argument(2)),
                end -> open(end, x.argument(2))));
        calls.add(78, x -> x.argument(3) <= 0 ? -Errno.EINVAL : with(x.argument(0), x.pointer(1), false,
                end -> readlink(end.path(), x.pointer(2), x.argument(3))));
        calls.add(79, x -> stat(x, 3, file -> StatRecords.putStat64(user, x.pointer(2), file)));
        calls.add(291, x -> stat(x, 2, file -> StatRecords.putStatx(user, x.pointer(4), file)));
    }

    /** Adds the calls that change the tree. They refuse a wrong path, and then every change. */
    private void addChanges(SystemCalls calls) {
        for (int number : new int[] {33, 34}) {            // mknodat, mkdirat
            calls.add(number, x -> with(x.argument(0), x.pointer(1), false, this::create));
        }
        calls.add(36, x -> with(x.argument(1), x.pointer(2), false, this::create));       // symlinkat
        for (int number : new int[] {35, 276}) {           // unlinkat, renameat2
            calls.add(number, x -> with(x.argument(0), x.pointer(1), false, end -> -Errno.EROFS));
        }
        calls.add(37, x -> with(x.argument(0), x.pointer(1), false, this::change));       // linkat
        calls.add(45, x -> with(UserArguments.AT_FDCWD, x.pointer(0), true, this::change));       // truncate64
        for (int number : new int[] {53, 54}) {            // fchmodat, fchownat
            calls.add(number, x -> with(x.argument(0), x.pointer(1), true, this::change));
        }
        for (int number : new int[] {88, 412}) {           // utimensat, of an open file if there is no path
            calls.add(number, x -> x.pointer(1) == 0 ? -Errno.EROFS
                    : with(x.argument(0), x.pointer(1), follows(x.argument(3)), this::change));
        }
    }

    private long create(PathWalk.End end) {
        return files.tree().at(end.path()) == null ? -Errno.EROFS : -Errno.EEXIST;
    }

    private long change(PathWalk.End end) {
        return files.tree().at(end.path()) == null ? -Errno.ENOENT : -Errno.EROFS;
    }

    private static boolean follows(int flags) {
        return (flags & AT_SYMLINK_NOFOLLOW) == 0;
    }

    private static boolean followsToOpen(int flags) {
        return (flags & O_NOFOLLOW) == 0 && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
    }

    private long getcwd(Registers x) {
        byte[] path = (arguments.workingDirectory() + "\0").getBytes(StandardCharsets.UTF_8);
        if (Integer.compareUnsigned(x.argument(1), path.length) < 0) {
            return -Errno.ERANGE;
        }
        return UserMemory.orFault(user.write(x.pointer(0), path, 0, path.length), path.length);
    }

    private long access(PathWalk.End end, int wanted) {
        FileTree.Stat file = files.tree().at(end.path());
        if (file == null) {
            return -Errno.ENOENT;
        }
        boolean mayExecute = file.isDirectory() || (file.mode() & ANY_X) != 0;
        boolean isGenerated = end.path().matches("/(dev|proc|sys)/.*");
        boolean mayWrite = (wanted & W_OK) == 0 || isGenerated && (file.mode() & ANY_W) != 0;
        return !mayWrite && !isGenerated ? -Errno.EROFS
                : !mayWrite || (wanted & X_OK) != 0 && !mayExecute ? -Errno.EACCES : 0;
    }

    private long chdir(String path) {
        FileTree.Stat file = files.tree().at(path);
        if (file == null || !file.isDirectory()) {
            return file == null ? -Errno.ENOENT : -Errno.ENOTDIR;
        }
        long stored = services.mm().kmalloc().kstrdup(path);
        if (stored == 0) {
            return -Errno.ENOMEM;
        }
        services.mm().kmalloc().kfree(ProcessLayout.CWD.get(memory, services.process()));
        ProcessLayout.CWD.set(memory, services.process(), stored);
        return 0;
    }

    private long open(PathWalk.End end, int flags) {
        if ((flags & (O_CREAT | O_DIRECTORY | O_NOFOLLOW)) != 0) {
            int error = refusal(files.tree().at(end.path()), flags);
            if (error != 0) {
                return -error;
            }
        }
        int descriptor = files.programs().open(end, flags & FOR_FILES);
        if (descriptor >= 0) {
            files.programs().setCloseOnExec(descriptor, (flags & O_CLOEXEC) != 0);
        }
        return descriptor;
    }

    /** Returns the error by which the flags of {@code open} refuse a file, or a missing one; or 0. */
    private static int refusal(FileTree.Stat file, int flags) {
        boolean creates = (flags & O_CREAT) != 0;
        if (file == null) {
            return creates ? Errno.EROFS : Errno.ENOENT;
        }
        if (creates && ((flags & O_EXCL) != 0 || file.isDirectory())) {
            return (flags & O_EXCL) != 0 ? Errno.EEXIST : Errno.EISDIR;
        }
        return (flags & O_DIRECTORY) != 0 && !file.isDirectory() ? Errno.ENOTDIR : file.isLink() ? Errno.ELOOP : 0;
    }

    private long readlink(String path, long to, int bytes) {
        boolean ofProgram = path.equals("/proc/" + TaskLayout.PID.get(memory, services.cpu().tp()) + "/exe");
        String target = ofProgram ? exe() : files.tree().target(path);
        if (target == null) {
            return ofProgram || files.tree().at(path) == null ? -Errno.ENOENT : -Errno.EINVAL;
        }
        byte[] text = target.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes, text.length);
        return UserMemory.orFault(user.write(to, text, 0, length), length);
    }

    /** The path of the current program; null if there was no memory for it. */
    private String exe() {
        long stored = ProcessLayout.EXE.get(memory, services.process());
        return stored == 0 ? null : memory.loadUtf8(stored, ProcessLayout.MAX_PATH);
    }

    /** What is stored about a file. */
    @FunctionalInterface
    private interface Store {

        long of(FileTree.Stat file);
    }

    private long stat(Registers x, int flags, Store store) {
        try {
            boolean ofOpenFile = (x.argument(flags) & AT_EMPTY_PATH) != 0 && isEmpty(x.pointer(1));
            FileTree.Stat file = !ofOpenFile ? files.tree().at(
                    arguments.path(x.argument(0), x.pointer(1), follows(x.argument(flags))).path())
                    : x.argument(0) == UserArguments.AT_FDCWD ? files.tree().at(arguments.workingDirectory())
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
