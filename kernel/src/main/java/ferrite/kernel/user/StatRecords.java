package ferrite.kernel.user;

import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Kdev;
import ferrite.kernel.vm.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What {@code fstat} and {@code statx} tell programs (asm-generic/stat.h, linux/stat.h). */
final class StatRecords {

    private static final int STAT64_BYTES = 104;
    private static final int STATX_BYTES = 256;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int BLOCK = 4096;
    private static final int SECTOR = 512;

    private StatRecords() { }

    /** Stores a {@code struct stat64}. Returns 0 or {@code -EFAULT}. */
    static long putStat64(UserMemory user, long to, FileTree.Stat file) {
        ByteBuffer record = ByteBuffer.allocate(STAT64_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(8, file.number() & 0xffff_ffffL).putInt(16, file.mode()).putInt(20, 1);
        record.putLong(32, Kdev.newEncodeDev(file.rdev())).putLong(48, file.size()).putInt(56, BLOCK);
        record.putLong(64, sectors(file));
        record.putInt(72, file.mtime()).putInt(80, file.mtime()).putInt(88, file.mtime());
        return put(user, to, record);
    }

    private static long sectors(FileTree.Stat file) {
        return (file.size() + SECTOR - 1) / SECTOR;
    }

    /** Stores a {@code struct statx}. Returns 0 or {@code -EFAULT}. */
    static long putStatx(UserMemory user, long to, FileTree.Stat file) {
        ByteBuffer record = ByteBuffer.allocate(STATX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(0, STATX_BASIC_STATS).putInt(4, BLOCK).putInt(16, 1);
        record.putShort(28, (short) file.mode()).putLong(32, file.number() & 0xffff_ffffL);
        record.putLong(40, file.size()).putLong(48, sectors(file));
        for (int time = 64; time < 128; time += 16) {
            record.putLong(time, file.mtime());
        }
        record.putInt(128, Kdev.MAJOR(file.rdev())).putInt(132, Kdev.MINOR(file.rdev()));
        return put(user, to, record);
    }

    private static long put(UserMemory user, long to, ByteBuffer record) {
        return UserMemory.orFault(user.write(to, record.array(), 0, record.capacity()), 0);
    }
}
