package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/** The flags of open files and the commands of {@code fcntl}, with Linux's values (asm-generic/fcntl.h). */
@DriverApi
public final class Fcntl {

    /** The bits that hold one of the next three. */
    public static final int O_ACCMODE = 3;
    public static final int O_RDONLY = 0;
    public static final int O_WRONLY = 1;
    public static final int O_RDWR = 2;
    /** Makes a file that is not there. Of the files here, those of the host can be made. */
    public static final int O_CREAT = 0100;
    public static final int O_TRUNC = 01000;
    /** Each write goes to the end of the file. */
    public static final int O_APPEND = 02000;
    /** Operations do not sleep: they return {@code -EAGAIN} instead. */
    public static final int O_NONBLOCK = 04000;

    /** The file's program is sent SIGIO when there is an event; {@code fasync_helper} sets it. */
    public static final int FASYNC = 020000;

    /** Commands of {@code fcntl}. */
    public static final int F_GETFL = 3;
    public static final int F_SETFL = 4;
    /** Sets the pid of the program that is sent SIGIO. */
    public static final int F_SETOWN = 8;
    public static final int F_GETOWN = 9;

    /** The kinds of access that an open file allows ({@link FileLayout#MODE}), with Linux's values. */
    public static final int FMODE_READ = 1;
    public static final int FMODE_WRITE = 2;
    public static final int FMODE_LSEEK = 4;

    /** Places from which {@code lseek} counts. */
    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    /** The next byte that was written, and the next one that was not; no file here has gaps. */
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;

    private Fcntl() { }
}
