package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import ferrite.kernel.fs.ClassDevices;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.Kdev;
import ferrite.kernel.fs.ProcEntries;
import ferrite.kernel.fs.Sysfs;
import java.util.ArrayList;
import java.util.List;

/** {@code ls}: lists files; with {@code -l} also their kinds, permissions and numbers. */
final class LsCommand implements Command {

    private static final String DEV = "/dev/";
    private static final String PROC = "/proc/";
    private static final String SYS = "/sys";
    private static final int MAJOR_WIDTH = 3;
    private static final int MINOR_WIDTH = 4;

    /** A line: the name as it is listed, and the columns before it in the long form. */
    private record Entry(String name, String columns) { }

    @Override
    public String name() {
        return "ls";
    }

    @Override
    public String usage() {
        return "ls [-l] [PATH...]";
    }

    @Override
    public String summary() {
        return "list the files of /dev, /proc and /sys";
    }

    @Override
    public int run(CommandContext context) {
        List<String> paths = new ArrayList<>(context.arguments());
        boolean isLong = paths.removeIf("-l"::equals);
        if (paths.isEmpty()) {
            paths.add("/");
        }
        Report report = Report.of("ls");
        int status = 0;
        for (String typed : paths) {
            String path = typed.length() > 1 && typed.endsWith("/") ? typed.substring(0, typed.length() - 1) : typed;
            List<Entry> entries = entries(context.kernel().files(), path);
            if (entries == null) {
                status = context.fail("cannot access '" + typed + "': No such file or directory");
            } else {
                report.child(Report.of(typed).texts("entries", entries.stream().map(Entry::name).toList()));
                entries.forEach(entry -> context.out((isLong ? entry.columns + " " : "") + entry.name + "\n"));
            }
        }
        context.show(() -> report);
        return status;
    }

    /** Returns the files in a directory, or the file itself; null if there is no such path. */
    private static List<Entry> entries(Files files, String path) {
        return switch (path) {
            case "/" -> List.of(directory("dev"), directory("proc"), directory("sys"));
            case "/dev" -> files.devices().nodes().stream().map(node -> device(node, node.name())).toList();
            case "/proc" -> files.proc().nodes().stream().map(node -> text(node, node.name())).toList();
            default -> path.equals(SYS) || path.startsWith(SYS + "/")
                    ? inSys(files.sysfs(), path.substring(SYS.length()), path) : file(files, path);
        };
    }

    private static List<Entry> inSys(Sysfs sysfs, String inside, String path) {
        List<Sysfs.Node> nodes = sysfs.list(inside);
        if (nodes != null) {
            return nodes.stream().map(node -> inSys(node, node.name())).toList();
        }
        Sysfs.Node file = sysfs.find(inside);
        return file == null ? null : List.of(inSys(file, path));
    }

    private static Entry inSys(Sysfs.Node node, String name) {
        return new Entry(name, node.isDirectory() ? columns('d', node.mode(), "0") : columns('-', node.mode(), "4096"));
    }

    private static List<Entry> file(Files files, String path) {
        for (ProcEntries.Node node : path.startsWith(PROC) ? files.proc().nodes() : List.<ProcEntries.Node>of()) {
            if (path.substring(PROC.length()).equals(node.name())) {
                return List.of(text(node, path));
            }
        }
        for (ClassDevices.Node node : path.startsWith(DEV) ? files.devices().nodes() : List.<ClassDevices.Node>of()) {
            if (path.substring(DEV.length()).equals(node.name())) {
                return List.of(device(node, path));
            }
        }
        return null;
    }

    private static Entry directory(String name) {
        return new Entry(name, columns('d', 0555, "0"));
    }

    private static Entry text(ProcEntries.Node node, String name) {
        return new Entry(name, columns('-', node.mode(), "0"));
    }

    private static Entry device(ClassDevices.Node node, String name) {
        return new Entry(name, columns('c', node.mode(), right(Kdev.MAJOR(node.dev()), MAJOR_WIDTH) + ","
                + right(Kdev.MINOR(node.dev()), MINOR_WIDTH)));
    }

    private static String right(int number, int width) {
        String digits = Integer.toString(number);
        return " ".repeat(Math.max(0, width - digits.length())) + digits;
    }

    /** Returns Unix's columns but for the time, which a file of the machine does not have. */
    private static String columns(char type, int mode, String size) {
        StringBuilder columns = new StringBuilder().append(type);
        for (int bit = 8; bit >= 0; bit--) {
            columns.append((mode >> bit & 1) == 0 ? '-' : "xwr".charAt(bit % 3));
        }
        return columns + " 1 root root " + size;
    }
}
