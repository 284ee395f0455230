package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.ULong;
import ferrite.kernel.net.InternetAddress;
import ferrite.kernel.net.NetDeviceLayout;
import ferrite.kernel.net.NetDevices;
import ferrite.kernel.net.NetStatsLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/** {@code ifconfig}: shows network devices in the form of net-tools, gives them addresses, sets them up and down. */
final class IfconfigCommand implements Command {

    private static final int CLASS_C = 0xffff_ff00;
    private static final String[] FLAG_NAMES = {"UP", "BROADCAST", "", "", "", "", "RUNNING", "NOARP", "PROMISC",
        "ALLMULTI", "", "", "MULTICAST"};
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB"};

    @Override
    public String name() {
        return "ifconfig";
    }

    @Override
    public String usage() {
        return "ifconfig [-a] [DEVICE [ADDRESS] [netmask MASK] [[-]promisc] [[-]allmulti] [up|down]]";
    }

    @Override
    public String summary() {
        return "show network devices, or set one up or down";
    }

    @Override
    public String example() {
        return "insmod snull; ifconfig sn0 192.168.0.1; ping 192.168.0.2";
    }

    @Override
    public boolean usesBuffer() {
        return false;
    }

    @Override
    public int run(CommandContext context) {
        Deque<String> words = new ArrayDeque<>(context.arguments());
        boolean all = words.removeFirstOccurrence("-a");
        String device = words.poll();
        if (words.isEmpty()) {
            return show(context, device, all || device != null);
        }
        NetDevices devices = context.kernel().drivers().net().devices();
        List<String> known = new ArrayList<>();
        devices.forEach(dev -> known.add(dev.name()));
        if (!known.contains(device)) {
            return fail(context, device, -Errno.ENODEV);
        }
        return change(context, devices, device, words);
    }

    private int change(CommandContext context, NetDevices devices, String device, Deque<String> words) {
        long address = InternetAddress.NONE;
        long mask = CLASS_C;
        Boolean up = null;
        int set = 0;
        int cleared = 0;
        while (!words.isEmpty()) {
            String word = words.remove();
            if (word.equals("up") || word.equals("down")) {
                up = word.equals("up");
            } else if (modeOf(word) != 0) {
                set |= word.startsWith("-") ? 0 : modeOf(word);
                cleared |= word.startsWith("-") ? modeOf(word) : 0;
            } else if (word.equals("netmask")) {
                mask = InternetAddress.parse(words.isEmpty() ? "" : words.remove());
            } else {
                address = InternetAddress.parse(word);
                mask = address == InternetAddress.NONE ? InternetAddress.NONE : mask;
                up = up == null ? Boolean.TRUE : up;
            }
            if (mask == InternetAddress.NONE) {
                return context.fail(word + ": no such address or option; usage: " + usage());
            }
        }
        int result = address == InternetAddress.NONE ? 0 : devices.setAddress(device, (int) address, (int) mask);
        result = result == 0 && (set | cleared) != 0 ? devices.changeFlags(device, set, cleared) : result;
        result = result == 0 && up != null ? devices.setUp(device, up) : result;
        return result == 0 ? 0 : fail(context, device, result);
    }

    /** Returns the flag that a word sets or clears, or 0. */
    private static int modeOf(String word) {
        return word.matches("-?promisc") ? NetDeviceLayout.IFF_PROMISC
                : word.matches("-?allmulti") ? NetDeviceLayout.IFF_ALLMULTI : 0;
    }

    private static int fail(CommandContext context, String device, int errno) {
        return context.fail(errno == -Errno.ENODEV
                ? device + ": error fetching interface information: Device not found"
                : device + ": " + Errno.message(errno));
    }

    // ---- showing ----

    private int show(CommandContext context, String device, boolean all) {
        ReadableMemory memory = context.kernel().base().memory();
        Report report = Report.of("ifconfig");
        List<String> texts = new ArrayList<>();
        context.kernel().drivers().net().devices().forEach(dev -> {
            if (device != null ? dev.name().equals(device) : all || (dev.flags() & NetDeviceLayout.IFF_UP) != 0) {
                report.child(report(dev));
                texts.add(text(memory, dev));
            }
        });
        if (device != null && texts.isEmpty()) {
            return fail(context, device, -Errno.ENODEV);
        }
        texts.forEach(context::out);
        context.show(() -> report);
        return 0;
    }

    private static Report report(NetDevices.View dev) {
        return Report.of(dev.name()).texts("flags", names(dev.flags())).number("mtu", dev.mtu())
                .text("address", InternetAddress.text(dev.address())).text("netmask", InternetAddress.text(dev.mask()))
                .text("hardware", dev.hardware());
    }

    private static List<String> names(int flags) {
        List<String> names = new ArrayList<>();
        for (int bit = 0; bit < FLAG_NAMES.length; bit++) {
            if ((flags >>> bit & 1) != 0) {
                names.add(FLAG_NAMES[bit]);
            }
        }
        return names;
    }

    private static String text(ReadableMemory memory, NetDevices.View dev) {
        String inet = dev.address() == 0 ? "" : "        inet " + InternetAddress.text(dev.address()) + "  netmask "
                + InternetAddress.text(dev.mask()) + "  broadcast " + InternetAddress.text(dev.address() | ~dev.mask())
                + "\n";
        return dev.name() + ": flags=" + dev.flags() + "<" + String.join(",", names(dev.flags())) + ">  mtu "
                + dev.mtu() + "\n" + inet + "        ether " + dev.hardware() + "  txqueuelen " + dev.queue()
                + "  (Ethernet)\n"
                + traffic(memory, dev, "RX", NetStatsLayout.RX_PACKETS, NetStatsLayout.RX_BYTES)
                + "        RX errors " + count(memory, dev, NetStatsLayout.RX_ERRORS) + "  dropped "
                + count(memory, dev, NetStatsLayout.RX_DROPPED) + "  overruns 0  frame 0\n"
                + traffic(memory, dev, "TX", NetStatsLayout.TX_PACKETS, NetStatsLayout.TX_BYTES)
                + "        TX errors " + count(memory, dev, NetStatsLayout.TX_ERRORS) + "  dropped "
                + count(memory, dev, NetStatsLayout.TX_DROPPED) + " overruns 0  carrier 0  collisions "
                + count(memory, dev, NetStatsLayout.COLLISIONS) + "\n\n";
    }

    private static String traffic(ReadableMemory memory, NetDevices.View dev, String way, ULong packets, ULong bytes) {
        double amount = count(memory, dev, bytes);
        int unit = 0;
        while (amount >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "        %s packets %d  bytes %d (%.1f %s)\n", way,
                count(memory, dev, packets), count(memory, dev, bytes), amount, UNITS[unit]);
    }

    private static long count(ReadableMemory memory, NetDevices.View dev, ULong counter) {
        return counter.get(memory, dev.stats());
    }
}
