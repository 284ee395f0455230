package ferrite.kernel.fs;

import ferrite.kernel.base.Errno;

/** Finds the file that a path names: under {@code /dev}, {@code /proc}, {@code /sys}, or in the root file system. */
final class Namei {

    private final CharDevices devices;
    private final ProcFiles proc;
    private final Sysfs sysfs;
    private final RootFs rootFs;
    private final FileTree tree;
    private final Directories directories;

    Namei(CharDevices devices, ProcFiles proc, Sysfs sysfs, RootFs rootFs, FileTree tree, Directories directories) {
        this.devices = devices;
        this.proc = proc;
        this.sysfs = sysfs;
        this.rootFs = rootFs;
        this.tree = tree;
        this.directories = directories;
    }

    /**
     * A file that can be opened: the first words of its record.
     *
     * @param error a negative {@link Errno} in place of a file
     */
    record Target(long operations, long owner, long data, int dev, int error) {

        static Target of(long operations, long data) {
            return new Target(operations, operations, data, 0, 0);
        }

        static Target missing(int errno) {
            return new Target(0, 0, 0, 0, -errno);
        }
    }

    /** Finds the file at the end of a walk. The caller opens it, or calls {@link #giveUp}. Task context; may sleep. */
    Target find(String path) {
        Target target = path.startsWith("/dev/") ? inDev(path.substring("/dev/".length()))
                : path.startsWith("/proc/") ? inProc(path.substring("/proc/".length()))
                : path.startsWith("/sys/") ? inSys(path.substring("/sys".length())) : inRoot(path);
        if (target != null) {
            return target;
        }
        FileTree.Stat found = tree.at(path);
        if (found == null || !found.isDirectory()) {
            return Target.missing(Errno.ENOENT);
        }
        long stored = directories.store(path);
        return stored == 0 ? Target.missing(Errno.ENOMEM) : Target.of(directories.operations(), stored);
    }

    private Target inDev(String name) {
        CharDevices.Found found = devices.lookUp(name);
        return found == null ? null : found.operations() == 0 ? Target.missing(Errno.ENXIO)
                : new Target(found.operations(), found.owner(), found.data(), found.dev(), 0);
    }

    private Target inProc(String name) {
        long address = proc.find(name);
        if (address != 0) {
            return Target.of(proc.operations(), address);
        }
        int slash = name.indexOf('/');
        int pid = slash < 0 ? 0 : proc.pid(name.substring(0, slash));
        long ofTask = pid == 0 ? 0 : proc.ofTasks(name.substring(slash + 1));
        if (ofTask != 0) {
            return Target.of(ofTask, pid);
        }
        long entry = proc.entries().hold(name);
        return entry == 0 ? null : Target.of(proc.entries().operations(), entry);
    }

    private Target inSys(String path) {
        Sysfs.Found found = sysfs.lookUp(path);
        return found == null ? null : new Target(found.operations(), found.owner(), found.data(), 0, 0);
    }

    private Target inRoot(String path) {
        RootFs.Found found = rootFs.find(path);
        return found == null || found.isDirectory() ? null : Target.of(rootFs.operations(), found.inode());
    }

    /** Gives back a target that could not be opened. */
    void giveUp(Target target) {
        sysfs.giveUp(target.operations, target.data);
        if (target.operations == proc.entries().operations()) {
            proc.entries().put(target.data);
        }
        if (target.operations == directories.operations()) {
            directories.free(target.data);
        }
    }
}
