package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;
import ferrite.kernel.fs.Ioctl;

/** The commands of {@code ioctl} for disks, with Linux's numbers (linux/fs.h, linux/hdreg.h). */
@DriverApi
public final class BlkIoctl {

    private static final int TYPE = 0x12;

    /** Sets or reads whether the disk is read-only: a word at the argument. */
    public static final int BLKROSET = Ioctl._IO(TYPE, 93);
    public static final int BLKROGET = Ioctl._IO(TYPE, 94);
    /** Reads the number of sectors of 512 bytes: a word. */
    public static final int BLKGETSIZE = Ioctl._IO(TYPE, 96);
    /** Forgets the bytes in the cache, after a flush. */
    public static final int BLKFLSBUF = Ioctl._IO(TYPE, 97);
    /** Sets the longest read-ahead to an argument of sectors; reads it: a word. */
    public static final int BLKRASET = Ioctl._IO(TYPE, 98);
    public static final int BLKRAGET = Ioctl._IO(TYPE, 99);
    /** Reads the bytes of the device's own sector: a word. */
    public static final int BLKSSZGET = Ioctl._IO(TYPE, 104);
    /** Reads the bytes of a page of the cache: a word. */
    public static final int BLKBSZGET = Ioctl._IOR(TYPE, 112, 4);
    /** Reads the number of bytes: 8 bytes at the argument, though the number says {@code size_t}. */
    public static final int BLKGETSIZE64 = Ioctl._IOR(TYPE, 114, 4);
    /** Reads the geometry: a {@link HdGeometryLayout}. */
    public static final int HDIO_GETGEO = 0x0301;

    private BlkIoctl() { }
}
