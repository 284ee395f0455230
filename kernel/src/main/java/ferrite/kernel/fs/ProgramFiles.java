package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFlags;

/** What only programs of machine code do with open files. Task context; all may sleep. */
public final class ProgramFiles {

    private final KernelMemory memory;
    private final Files files;
    private final Descriptors descriptors;
    private final Directories directories;
    private final Pipes pipes;
    private final Aio aio;
    private final FileTree tree;

    ProgramFiles(KernelBase base, Files files, Descriptors descriptors, Directories directories, Pipes pipes,
            Aio aio) {
        this.memory = base.memory();
        this.files = files;
        this.descriptors = descriptors;
        this.directories = directories;
        this.pipes = pipes;
        this.aio = aio;
        this.tree = files.tree();
    }

    /** Asynchronous I/O. */
    public Aio aio() {
        return aio;
    }

    /** Opens the file at the end of a walk. Returns as {@link Files#open(String, int)} does. */
    public int open(PathWalk.End end, int flags) {
        return files.open(end, flags);
    }

    /**
     * {@code dup}: gives an open file a second descriptor.
     *
     * @param lowest the lowest number that the new descriptor may have
     * @return the descriptor, or a negative {@link Errno}
     */
    public int dup(int descriptor, int lowest) {
        long file = descriptors.file(descriptor);
        if (file == 0) {
            return -Errno.EBADF;
        }
        int free = Descriptors.isPossible(lowest) ? descriptors.free(lowest) : -Errno.EINVAL;
        if (free >= 0) {
            files.get(file);
            descriptors.set(free, file);
        }
        return free;
    }

    /** {@code dup2}: gives an open file a certain descriptor, whose own file is closed. Returns it, or an error. */
    public int dup2(int descriptor, int wanted) {
        long file = descriptors.file(descriptor);
        if (file == 0 || !Descriptors.isPossible(wanted)) {
            return -Errno.EBADF;
        }
        if (wanted != descriptor) {
            files.get(file);
            files.close(wanted);
            descriptors.set(wanted, file);
        }
        return wanted;
    }

    /** Sets or clears the flag by which {@code execve} closes a descriptor. Returns 0, or {@code -EBADF}. */
    public int setCloseOnExec(int descriptor, boolean on) {
        if (descriptors.file(descriptor) == 0) {
            return -Errno.EBADF;
        }
        descriptors.setCloseOnExec(descriptor, on);
        return 0;
    }

    /** Returns whether {@code execve} closes a descriptor. */
    public boolean isClosedOnExec(int descriptor) {
        return Descriptors.isPossible(descriptor) && descriptors.isClosedOnExec(descriptor);
    }

    /** Closes the descriptors that {@code execve} does not keep. */
    public void closeOnExec() {
        for (int descriptor = 0; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            if (descriptors.isClosedOnExec(descriptor)) {
                files.close(descriptor);
            }
        }
    }

    /** Gives a new task the descriptors of the current one, as {@code fork} does. */
    public void copyDescriptors(long child) {
        for (int descriptor = 0; descriptor < TaskLayout.MAX_FILES; descriptor++) {
            if (descriptors.file(descriptor) != 0) {
                files.get(descriptors.file(descriptor));
            }
        }
        descriptors.copyTo(child);
    }

    /**
     * {@code pipe}: makes a pipe.
     *
     * @param flags {@link Fcntl#O_NONBLOCK}, or 0
     * @param ends  receives the descriptors of the end to read and of the end to write
     * @return 0, or a negative {@link Errno}: ENOMEM, EMFILE
     */
    public int pipe(int flags, int[] ends) {
        long pipe = pipes.create();
        if (pipe == 0) {
            return -Errno.ENOMEM;
        }
        ends[0] = files.open(Namei.Target.of(pipes.readEnd(), pipe), Fcntl.O_RDONLY | flags);
        if (ends[0] < 0) {
            pipes.free(pipe);
            return ends[0];
        }
        ends[1] = files.open(Namei.Target.of(pipes.writeEnd(), pipe), Fcntl.O_WRONLY | flags);
        if (ends[1] < 0) {
            files.close(ends[0]);
            return ends[1];
        }
        return 0;
    }

    /**
     * {@code pread}: reads at a position, and leaves the file's. Returns as {@link Files#read} does, or
     * {@code -ESPIPE}.
     */
    public int readAt(int descriptor, long to, int count, long position) {
        long file = descriptors.file(descriptor);
        if (file == 0 || !files.allows(file, Fcntl.FMODE_READ)) {
            return -Errno.EBADF;
        }
        return !files.allows(file, Fcntl.FMODE_LSEEK) ? -Errno.ESPIPE
                : files.forProgram(files.checked("read", file, driver -> driver.read(file, to, count, position)));
    }

    /** {@code pwrite}: writes at a position. Returns as {@link Files#write} does, or {@code -ESPIPE}. */
    public int writeAt(int descriptor, long from, int count, long position) {
        long file = descriptors.file(descriptor);
        if (file == 0 || !files.allows(file, Fcntl.FMODE_WRITE)) {
            return -Errno.EBADF;
        }
        return !files.allows(file, Fcntl.FMODE_LSEEK) ? -Errno.ESPIPE
                : files.forProgram(files.checked("write", file, driver -> driver.write(file, from, count, position)));
    }

    /** Returns whether a descriptor is the end of a pipe that is written. */
    public boolean isPipeToWrite(int descriptor) {
        return descriptors.file(descriptor) != 0 && pipes.isWriteEnd(descriptors.file(descriptor));
    }

    /**
     * {@code writev} to a pipe: one write of all pieces, so that few bytes are not mixed with those of others.
     *
     * @param vectors address and length of each piece
     * @return the number of bytes, or a negative {@link Errno}
     */
    public int writePieces(int descriptor, int[] vectors) {
        return files.checked("write", descriptors.file(descriptor),
                driver -> pipes.writePieces(descriptors.file(descriptor), vectors));
    }

    /** Returns whether a descriptor is open. */
    public boolean isOpen(int descriptor) {
        return descriptors.file(descriptor) != 0;
    }

    /** Returns whether a read of an open file finds bytes, or its end, at once. Task context; may sleep. */
    public boolean isReadable(int descriptor) {
        int events = files.events(descriptor, 0);
        return events < 0 || (events & (PollEvents.EPOLLIN | PollEvents.EPOLLHUP)) != 0;
    }

    /**
     * Returns what {@code fstat} tells of an open file; null if it is not open, or its directory is gone. Task context.
     */
    public FileTree.Stat stat(int descriptor) {
        long file = descriptors.file(descriptor);
        if (file == 0) {
            return null;
        }
        String directory = directories.path(file);
        long data = FileLayout.DATA.get(memory, file);
        return directory != null ? tree.at(directory) : pipes.isEnd(file) ? FileTree.fifo(data)
                : files.epoll().isEpoll(file) ? FileTree.anonymous(data)
                : tree.ofOpenFile(FileLayout.OPERATIONS.get(memory, file), data, FileLayout.RDEV.get(memory, file));
    }

    /** Returns the path of an open directory; null for other descriptors. */
    public String directory(int descriptor) {
        return descriptors.file(descriptor) == 0 ? null : directories.path(descriptors.file(descriptor));
    }

    /**
     * {@code getdents64}: reads entries of an open directory.
     *
     * @return the number of bytes; 0 at the end; or a negative {@link Errno}
     */
    public int readDirectory(int descriptor, long to, int count) {
        long file = descriptors.file(descriptor);
        return file == 0 ? -Errno.EBADF : directories.path(file) == null ? -Errno.ENOTDIR
                : directories.read(file, to, count);
    }

    /**
     * Returns whether a file may be mapped with these flags of an area: 0, {@code -EBADF} or {@code -EACCES}. Nothing
     * that was mapped before may go because of such a mistake.
     */
    public int mayMap(int descriptor, int flags) {
        long file = descriptors.file(descriptor);
        boolean writes = (flags & VmFlags.VM_SHARED) != 0 && (flags & VmFlags.VM_WRITE) != 0;
        return file == 0 ? -Errno.EBADF
                : files.allows(file, Fcntl.FMODE_READ) && (!writes || files.allows(file, Fcntl.FMODE_WRITE)) ? 0
                : -Errno.EACCES;
    }

    /** {@code mmap}: lets a file's driver set up an area. Returns 0, or a negative {@link Errno}. */
    public int mmap(int descriptor, long area) {
        int mistake = mayMap(descriptor, VmAreaLayout.VM_FLAGS.get(memory, area));
        return mistake != 0 ? mistake : mmap(descriptors.file(descriptor), area);
    }

    /**
     * Opens a program's file for {@link #mmap(long, long)}, without a descriptor: all may be taken.
     * {@link Files#put} closes it.
     *
     * @return the file, or a negative {@link Errno}
     */
    public long openProgram(PathWalk.End end) {
        return end.error() != 0 ? end.error() : files.openFile(end.path(), Fcntl.O_RDONLY);
    }

    /** Maps an open file, as {@link #mmap(int, long)}. The file allows it. */
    public int mmap(long file, long area) {
        int flags = VmAreaLayout.VM_FLAGS.get(memory, area);
        VmAreaLayout.VM_FILE.set(memory, area, file);
        int result = files.checked("mmap", file, driver -> driver.mmap(file, area));
        if (result < 0) {
            VmAreaLayout.VM_FILE.set(memory, area, 0);
            return result;
        }
        files.get(file);
        if ((flags & VmFlags.VM_SHARED) != 0 && !files.allows(file, Fcntl.FMODE_WRITE)) {
            VmAreaLayout.VM_FLAGS.set(memory, area, VmAreaLayout.VM_FLAGS.get(memory, area) & ~VmFlags.VM_MAYWRITE);
        }
        return 0;
    }
}
