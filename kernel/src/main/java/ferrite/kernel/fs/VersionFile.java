package ferrite.kernel.fs;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.UtsName;

/** {@code /proc/version}: the kernel, where and with what it was built, and its version. */
final class VersionFile implements ProcFile {

    @Override
    public String name() {
        return "version";
    }

    @Override
    public String text(ReadableMemory view) {
        return UtsName.SYSNAME + " version " + UtsName.RELEASE + " (" + UtsName.NODENAME + "@" + UtsName.NODENAME
                + ") (javac) " + UtsName.VERSION + "\n";
    }

    @Override
    public Report report(ReadableMemory view) {
        return Report.of(name()).text("system", UtsName.SYSNAME).text("release", UtsName.RELEASE)
                .text("version", UtsName.VERSION);
    }
}
