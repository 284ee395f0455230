package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.vm.UserFaults;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.UserSpace;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFlags;

/** The devices of major number 1: {@code /dev/null zero full random urandom kmsg}. */
final class MemDevices {

    private static final int MEM_MAJOR = 1;
    private static final int MINORS = 256;
    private static final int FOR_ALL = 0666;

    /** A device, with its place among the cdevs. */
    private record Device(String name, int minor, int mode, long operations) { }

    private final KernelMemory memory;
    private final UserMemory user;
    private final UserFaults faults;
    private final CharDevices devices;
    private final RandomSource random;
    private final Device[] all;
    private final long root;

    MemDevices(KernelBase base, UserSpace space, CharDevices devices, RandomSource random, KmsgFile kmsg,
            TextTable.Module text) {
        this.memory = base.memory();
        this.user = space.memory();
        this.faults = space.faults();
        this.devices = devices;
        this.random = random;
        this.root = base.root();
        long randomOperations = text.add("random_fops", new RandomFile());
        this.all = new Device[] {
                new Device("null", 3, FOR_ALL, text.add("null_fops", new NullFile())),
                new Device("zero", 5, FOR_ALL, text.add("zero_fops", new ZeroFile())),
                new Device("full", 7, FOR_ALL, text.add("full_fops", new FullFile())),
                new Device("random", 8, FOR_ALL, randomOperations),
                new Device("urandom", 9, FOR_ALL, randomOperations),
                new Device("kmsg", 11, 0644, text.add("kmsg_fops", kmsg))};
    }

    /** Makes the devices. Boot. */
    void init(Kmalloc kmalloc) {
        devices.regions().register(Kdev.MKDEV(MEM_MAJOR, 0), MINORS, "mem");
        long ofClass = devices.classes().createClass("mem");
        RootLayout.MEM_CLASS.set(memory, root, ofClass);
        long cdevs = kmalloc.kzalloc(all.length * CdevLayout.SIZE, Gfp.GFP_KERNEL);
        for (int i = 0; i < all.length; i++) {
            int dev = Kdev.MKDEV(MEM_MAJOR, all[i].minor);
            long cdev = cdevs + (long) i * CdevLayout.SIZE;
            devices.init(cdev, all[i].operations);
            devices.add(cdev, dev, 1);
            devices.classes().create(ofClass, 0, dev, 0, all[i].mode, all[i].name);
        }
    }

    /** Takes all bytes, and has none. */
    private static class NullFile implements FileOperations {

        @Override
        public int read(long file, long to, int count, long position) {
            return 0;
        }

        @Override
        public int write(long file, long from, int count, long position) {
            return count;
        }

        @Override
        public long llseek(long file, long offset, int whence) {
            return 0;
        }
    }

    /** Takes all bytes, and has as many zeros as are wanted. */
    private class ZeroFile extends NullFile {

        @Override
        public int read(long file, long to, int count, long position) {
            return UserMemory.orFault(user.clearUser(to, count), count);
        }

        /** Leaves the area as it is: memory without a driver is zeroed. All pages of shared memory exist at once. */
        @Override
        public int mmap(long file, long area) {
            return (VmAreaLayout.VM_FLAGS.get(memory, area) & VmFlags.VM_SHARED) != 0 ? faults.populate(area) : 0;
        }
    }

    /** Has zeros, and no room. */
    private final class FullFile extends ZeroFile {

        @Override
        public int write(long file, long from, int count, long position) {
            return -Errno.ENOSPC;
        }

        @Override
        public int mmap(long file, long area) {
            return -Errno.ENODEV;
        }
    }

    private final class RandomFile extends NullFile {

        private static final int MAX_STIRRED = 4096;

        @Override
        public int read(long file, long to, int count, long position) {
            return random.fillUser(user, to, count);
        }

        @Override
        public int write(long file, long from, int count, long position) {
            byte[] bytes = new byte[Math.min(count, MAX_STIRRED)];
            if (user.read(from, bytes, 0, bytes.length) != 0) {
                return -Errno.EFAULT;
            }
            random.stir(bytes);
            return bytes.length;
        }
    }
}
