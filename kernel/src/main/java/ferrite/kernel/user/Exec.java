package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.PathWalk;
import ferrite.kernel.fs.RootFs;
import ferrite.kernel.vm.AddressSpaces;
import ferrite.kernel.vm.AddressSpaces.Placement;
import ferrite.kernel.vm.AddressSpaces.Wish;
import ferrite.kernel.vm.MmLayout;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFlags;
import java.util.List;

/**
 * {@code execve}: replaces the program of the current task.
 *
 * <pre>
 *  0x10000 …            the program's segments, then the heap (brk)
 *  0x40000000 …         mappings
 *  0xbfffe000           the page with the code that returns from signal handlers
 *  … 0xbfffdfff         the stack, which grows down
 * </pre>
 */
final class Exec {

    /** The largest number of bytes of arguments, and of the environment. */
    static final int MAX_ARGUMENTS = 1 << 20;

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int ANY_X = 0111;
    static final long VDSO = AddressSpace.PAGE_OFFSET - 2L * PAGE;
    private static final int READ_WRITE = VmFlags.VM_READ | VmFlags.VM_WRITE;

    private final UserServices services;
    private final KernelMemory memory;
    private final AddressSpaces spaces;
    private final UserMemory user;
    private final Programs programs;
    private final SignalDelivery signals;

    Exec(UserServices services, Programs programs, SignalDelivery signals) {
        this.services = services;
        this.memory = services.memory();
        this.spaces = services.space().spaces();
        this.user = services.space().memory();
        this.programs = programs;
        this.signals = signals;
    }

    /** A program that cannot be executed. The message says why. */
    static final class Failed extends Exception {

        private static final long serialVersionUID = 1;

        private final int errno;

        Failed(int errno, String why) {
            super(why, null, false, false);
            this.errno = errno;
        }

        Failed(int errno) {
            this(errno, Errno.message(errno));
        }

        int errno() {
            return errno;
        }
    }

    /**
     * Replaces the current task's program. Its registers are in its record then.
     *
     * @param name the path as the caller wrote it, which the program is told
     * @param end  where it leads
     */
    void replace(String name, PathWalk.End end, List<byte[]> arguments, List<byte[]> environment) throws Failed {
        RootFs.Found file = find(end);
        ExecImage image = image(file);
        long process = processRecord();
        long mm = spaces.create();
        if (mm == 0) {
            discard(process);
            throw new Failed(Errno.ENOMEM);
        }
        long old = spaces.use(mm);
        Registers x = new Registers();
        try {
            load(end, image, mm);
            x.setPc((int) image.entry());
            x.set(Registers.SP, (int) new InitialStack(services).make(image, name, arguments, environment));
        } catch (Failed failed) {
            spaces.use(old);
            spaces.put(mm);
            discard(process);
            throw failed;
        }
        services.files().programs().aio().exit();
        commit(name, end.path(), process, old);
        x.store(memory, ProcessLayout.REGS.at(services.process()));
    }

    private RootFs.Found find(PathWalk.End end) throws Failed {
        if (end.error() != 0) {
            throw new Failed(-end.error());
        }
        RootFs.Found file = services.files().rootFs().find(end.path());
        if (file == null) {
            FileTree.Stat other = services.files().tree().at(end.path());
            throw new Failed(other == null ? Errno.ENOENT : Errno.EACCES);
        }
        if (!file.isRegular() || (file.mode() & ANY_X) == 0) {
            throw new Failed(Errno.EACCES);
        }
        return file;
    }

    private ExecImage image(RootFs.Found file) throws Failed {
        int size = services.files().rootFs().size(file.inode());
        try {
            byte[] first = bytes(file, Math.min(size, ExecImage.HEADER_BYTES));
            int needed = ExecImage.headerBytes(first);
            if (needed > size) {
                throw new ExecImage.BadImage("it ends before its program headers");
            }
            return ExecImage.of(bytes(file, needed), size);
        } catch (ExecImage.BadImage bad) {
            throw new Failed(Errno.ENOEXEC, Errno.message(Errno.ENOEXEC) + ": " + bad.getMessage());
        }
    }

    private byte[] bytes(RootFs.Found file, int count) {
        byte[] bytes = new byte[count];
        memory.read(services.files().rootFs().data(file.inode()), bytes, 0, count);
        return bytes;
    }

    /** Makes the record of a program, if the task has none yet; returns 0 if it has. */
    private long processRecord() throws Failed {
        if (services.process() != 0) {
            return 0;
        }
        long process = services.mm().kmalloc().kzalloc(ProcessLayout.SIZE, Gfp.GFP_KERNEL);
        if (process == 0) {
            throw new Failed(Errno.ENOMEM);
        }
        return process;
    }

    private void discard(long process) {
        if (process != 0) {
            programs.free(process);
        }
    }

    // ---- the new address space ----

    private void load(PathWalk.End file, ExecImage image, long mm) throws Failed {
        long open = services.files().programs().openProgram(file);
        if (open < 0) {
            throw new Failed((int) -open);
        }
        try {
            long end = 0;
            for (ExecImage.Segment segment : image.segments()) {
                mapSegment(open, segment, mm);
                end = Math.max(end, segment.end());
                if ((segment.flags() & VmFlags.VM_EXEC) != 0) {
                    MmLayout.START_CODE.set(memory, mm, segment.va());
                    MmLayout.END_CODE.set(memory, mm, segment.end());
                }
            }
            MmLayout.START_BRK.set(memory, mm, end + PAGE - 1 & -PAGE);
            MmLayout.BRK.set(memory, mm, end + PAGE - 1 & -PAGE);
        } finally {
            services.files().put(open);
        }
        mapVdso(mm);
    }

    /** Maps the bytes of a segment from the file; what follows them in memory is zero. */
    private void mapSegment(long file, ExecImage.Segment segment, long mm) throws Failed {
        long start = segment.va() & -PAGE;
        long fileEnd = segment.va() + segment.fileBytes();
        long zeroFrom = segment.fileBytes() == 0 ? start : fileEnd + PAGE - 1 & -PAGE;
        if (segment.fileBytes() != 0) {
            map(mm, new Wish(start, fileEnd - start, segment.flags(), Placement.FIXED), area -> {
                VmAreaLayout.VM_PGOFF.set(memory, area, segment.offset() / PAGE);
                return services.files().programs().mmap(file, area);
            });
        }
        if (segment.end() > zeroFrom) {
            map(mm, new Wish(zeroFrom, segment.end() - zeroFrom, segment.flags(), Placement.FIXED), area -> 0);
        }
        boolean clears = segment.end() > fileEnd && segment.fileBytes() != 0
                && (segment.flags() & VmFlags.VM_WRITE) != 0;
        if (clears && user.clearUser(fileEnd, (int) (zeroFrom - fileEnd)) != 0) {
            throw new Failed(Errno.ENOMEM);
        }
    }

    private void mapVdso(long mm) throws Failed {
        map(mm, new Wish(VDSO, PAGE, READ_WRITE | VmFlags.VM_DONTEXPAND, Placement.FIXED), area -> 0);
        MmLayout.VDSO.set(memory, mm, VDSO);
        if (!user.put32s(VDSO, SignalDelivery.TRAMPOLINE)) {
            throw new Failed(Errno.ENOMEM);
        }
        spaces.protect(mm, VDSO, PAGE, VmFlags.VM_READ | VmFlags.VM_EXEC);
    }

    private void map(long mm, Wish wish, AddressSpaces.AreaSetup setup) throws Failed {
        long result = spaces.map(mm, wish, setup);
        if (result < 0) {
            throw new Failed((int) -result);
        }
    }

    // ---- from here on nothing fails; without memory the path of the program is not known ----

    private void commit(String name, String path, long newProcess, long oldSpace) {
        long task = services.cpu().tp();
        if (newProcess != 0) {
            TaskLayout.PROCESS.set(memory, task, newProcess);
            TaskLayout.SIGINFO.set(memory, task, ProcessLayout.INFO.at(newProcess));
        }
        if (oldSpace != 0) {
            spaces.put(oldSpace);
        }
        long process = services.process();
        services.mm().kmalloc().kfree(ProcessLayout.EXE.get(memory, process));
        ProcessLayout.EXE.set(memory, process, services.mm().kmalloc().kstrdup(path));
        ProcessLayout.CLEAR_CHILD_TID.set(memory, process, 0);
        signals.reset(process);
        services.files().programs().closeOnExec();
        TaskLayout.COMM.set(memory, task, name.substring(name.lastIndexOf('/') + 1));
        TaskLayout.NAME.set(memory, task, services.base().strings().intern(TaskLayout.COMM.get(memory, task)));
    }
}
