package ferrite.kernel.net;

import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.Files;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskSystem;

/** The network: its parts, and its files in {@code /proc/net} and {@code /sys/class/net}. */
public final class Net {

    private final SkBuffs packets;
    private final NetDevices devices;
    private final Transmit transmit;
    private final Receive receive;
    private final Ipv4 ipv4;
    private final Udp udp;

    public Net(KernelBase base, TaskSystem tasks, MemoryManager mm, Files files) {
        NetState state = new NetState(base, tasks, mm);
        TextTable.Module module = base.text().newModule();
        packets = new SkBuffs(state);
        devices = new NetDevices(state);
        transmit = new Transmit(state, devices, packets, module);
        NetHeaders headers = new NetHeaders(state, packets, transmit);
        Arp arp = new Arp(state, packets, headers);
        devices.connect(transmit, arp);
        ipv4 = new Ipv4(state, devices, packets, arp, headers);
        receive = new Receive(state, devices, packets, ipv4);
        udp = new Udp(state, devices, ipv4);
        ipv4.connect(receive, udp);
        files.proc().add(new NetDevFile(devices));
        files.proc().add(new ArpFile(arp));
        files.proc().add(new RouteFile(devices));
        files.sysfs().mountClass("net", new NetTree(state, devices));
    }

    public SkBuffs packets() {
        return packets;
    }

    public NetDevices devices() {
        return devices;
    }

    public Transmit transmit() {
        return transmit;
    }

    public Receive receive() {
        return receive;
    }

    public Ipv4 ipv4() {
        return ipv4;
    }

    public Udp udp() {
        return udp;
    }
}
