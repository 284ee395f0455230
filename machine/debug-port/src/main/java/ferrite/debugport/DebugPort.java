package ferrite.debugport;

import ferrite.debugport.http.HttpService;
import ferrite.debugport.http.WebPages;
import ferrite.debugport.pipeline.Tokens;
import ferrite.hardware.monitor.Monitor;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The TCP port for inspecting a running machine. A client's first bytes select its protocol. A line of text reaches the
 * {@link Monitor}, an attaching client the {@link MachinePrompt}, GDB the machine, and an HTTP request the
 * {@link WebPages}.
 *
 * <p>The port has one daemon thread, which never waits for the machine. Every command is posted to the {@code machine}
 * executor, and its answer comes back as another post. A debugger's packet that only looks at a machine that stands
 * still is answered at once, with the turn on loan. An open port costs a run nothing until a client asks.
 */
public final class DebugPort implements AutoCloseable {

    /** Bytes per read from a client. A client can make the port hold only a small multiple of it. */
    private static final int READ_BYTES = 4096;
    /**
     * Length of the accept queue, far more than the clients served. A client that finds the queue full retries after a
     * second.
     */
    private static final int BACKLOG = 128;
    private static final int CLOSE_SECONDS = 2;

    private final EventLoop loop;
    private final Channel server;
    private final ChannelGroup leaving;
    private final Connections connections;
    /** Runs when the port's thread ends. */
    private final AtomicReference<Runnable> end;

    private DebugPort(EventLoop loop, Channel server, ChannelGroup leaving, Connections connections,
            AtomicReference<Runnable> end) {
        this.end = end;
        this.connections = connections;
        this.loop = loop;
        this.server = server;
        this.leaving = leaving;
    }

    /**
     * Opens a port with the monitor alone.
     *
     * @see #open(InetSocketAddress, DebugAccess, DebugServices)
     */
    public static DebugPort open(InetSocketAddress address, String token, Monitor monitor, Executor machine)
            throws IOException {
        return open(address, new DebugAccess(token, false), DebugServices.of(monitor, machine));
    }

    /**
     * Opens the port. Clients are served when this returns.
     *
     * @param address the address to listen at; port 0 selects a free one
     * @throws IOException with a sentence, if the port cannot or must not be opened
     */
    public static DebugPort open(InetSocketAddress address, DebugAccess access, DebugServices services)
            throws IOException {
        DebugPort port = openUnrehearsed(address, access, services);
        if (services.target() != null) {
            port.connections.prepareForDebuggers();
            Rehearsal.start(access, port.connections::arrivals);
        }
        return port;
    }

    /** Opens the port, whose first debugger will wait for classes that must be loaded. */
    static DebugPort openUnrehearsed(InetSocketAddress address, DebugAccess access, DebugServices services)
            throws IOException {
        String token = access.token();
        QuietNetty.prepare();
        checkAddress(address, access);
        checkToken(token);
        AtomicReference<Runnable> end = new AtomicReference<>(() -> { });
        ThreadFactory threads = work -> thread(work, end);
        EventLoop loop = new SingleThreadIoEventLoop(null, threads, NioIoHandler.newFactory());
        ChannelGroup leaving = new DefaultChannelGroup(loop);
        WebPages pages = services.pages();
        Tokens tokens = token == null ? null
                : new Tokens(token, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        HttpService http = pages == null ? null
                : new HttpService(pages, access.guarded() ? null : tokens, access.tls() == null ? "http" : "https",
                        address.getHostString(), services.machine());
        Connections connections = new Connections(access, services, tokens, http, leaving);
        ChannelFuture bound = bootstrap(loop, connections).bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop(loop);
            throw new IOException("the debug port cannot be opened at " + text(address) + ": "
                    + bound.cause().getMessage() + "; give another port, or 0 for a free one", bound.cause());
        }
        return new DebugPort(loop, bound.channel(), leaving, connections, end);
    }

    /** Returns the address of the port, with the actual port number. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.localAddress();
    }

    /**
     * Has something done if the port's thread dies while the port is open, for example because the heap is full. The
     * port is of no use then, and a halted machine would wait for ever.
     *
     * @param failed is called once, on the thread that dies
     */
    public void onDeath(Runnable failed) {
        end.set(failed);
    }

    /**
     * Tells debuggers that wait for the machine, and clients of the event stream, that its run has ended. The thread
     * that controlled the run calls this.
     *
     * @param status the exit status of the run
     */
    public void ended(int status) {
        connections.endedForDebuggers(status);
        try {
            loop.execute(() -> connections.endedForEvents(status));
        } catch (RejectedExecutionException closed) {
            // no client is left to hear it
        }
    }

    /**
     * Closes the port and all its connections. Answers that were posted before are still sent. A second call does
     * nothing.
     */
    @Override
    public void close() {
        end.set(() -> { });
        if (!loop.isShuttingDown()) {
            // The loop works in order: after this, everything that the machine had posted is done.
            server.close().awaitUninterruptibly();
            awaitThoseWhoLeave();
        }
        stop(loop);
    }

    /** Waits for the clients that were told of the machine's end, so that they can read it. */
    private void awaitThoseWhoLeave() {
        try {
            loop.submit(() -> { }).awaitUninterruptibly();          // the results of the machine's posts are done
            leaving.newCloseFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (RejectedExecutionException closedByAnother) {
            // another caller closed the port, and has waited
        }
    }

    private static void checkAddress(InetSocketAddress address, DebugAccess access) throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("the debug port cannot be opened at " + text(address)
                    + ": no host has that name; give one of this host's addresses");
        }
        if ((access.token() == null || access.guarded()) && !address.getAddress().isLoopbackAddress()) {
            throw new IOException("the debug port is not opened at " + text(address)
                    + ": other hosts can reach that address, so it needs a token; give one, or an address "
                    + "such as 127.0.0.1");
        }
    }

    private static void checkToken(String token) throws IOException {
        if (token != null && !TokenGate.accepts(token)) {
            throw new IOException("the debug port's token cannot be used: it must be one word of 1 to "
                    + TokenGate.MAX_TOKEN_BYTES + " bytes, without blanks or control characters");
        }
    }

    private static ServerBootstrap bootstrap(EventLoop loop, Connections connections) {
        return new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
                // A debugger, a prompt or a stream of events may be silent for hours, as at a breakpoint. So no handler
                // has a limit for idle clients. Keep-alive finds the peers that are gone without a word.
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // A handler asks for input when it has room for it, so a flood waits in the client's own buffers.
                .childOption(ChannelOption.AUTO_READ, false)
                // A client that has sent everything (nc -N) still gets its answers.
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(connections);
    }

    /** Returns the port's thread. */
    EventLoop loop() {
        return loop;
    }

    private static Thread thread(Runnable work, AtomicReference<Runnable> end) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } finally {
                end.get().run();
            }
        }, "ferrite-debug-port");
        thread.setDaemon(true);
        return thread;
    }

    private static void stop(EventLoop loop) {
        loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        try {
            loop.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(InetSocketAddress address) {
        String host = address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
