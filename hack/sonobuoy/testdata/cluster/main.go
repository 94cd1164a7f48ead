// Command cluster is a cluster without Kubernetes, for what Sonobuoy's own code makes of the plugin: its aggregator, with a
// server that only remembers what it is told, its workers, and what comes of the results. It is no part of the kit's module:
// the tests build it in one of its own, with the version of Sonobuoy that they name.
//
//	cluster -plugin plugin.yaml -daemonset daemonset.yaml    reads both, and knows every key of them
//	cluster -plugin plugin.yaml -nodes a,b -sonobuoy PROGRAM -kubelet SCRIPT -out FOLDER [-timeout 5m]
//
// For each node it starts Sonobuoy's worker, and SCRIPT by sh with the plugin's arguments. SCRIPT is the node's container: NODE,
// SONOBUOY_RESULTS_DIR, SONOBUOY_PROGRESS_PORT and the container's own variables are in its environment. What sonobuoy retrieve
// would bring is FOLDER.tar.gz; FOLDER/status.json is the last status that the aggregator has told.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/vmware-tanzu/sonobuoy/pkg/client/results"
	"github.com/vmware-tanzu/sonobuoy/pkg/discovery"
	"github.com/vmware-tanzu/sonobuoy/pkg/plugin"
	"github.com/vmware-tanzu/sonobuoy/pkg/plugin/aggregation"
	"github.com/vmware-tanzu/sonobuoy/pkg/plugin/driver/daemonset"
	"github.com/vmware-tanzu/sonobuoy/pkg/plugin/loader"
	"github.com/vmware-tanzu/sonobuoy/pkg/plugin/manifest"
	"github.com/vmware-tanzu/sonobuoy/pkg/tarball"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"
)

const namespace = "sonobuoy"

var (
	definition = flag.String("plugin", "", "the plugin's definition")
	other      = flag.String("daemonset", "", "a DaemonSet's manifest, that is only read")
	names      = flag.String("nodes", "", "the nodes' names")
	program    = flag.String("sonobuoy", "", "Sonobuoy's own program, for the workers")
	kubelet    = flag.String("kubelet", "", "the script that is a node's container")
	out        = flag.String("out", "", "the folder of results")
	timeout    = flag.Duration("timeout", 5*time.Minute, "how long Sonobuoy waits for results")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run() error {
	if err := strictly(*definition, &manifest.Manifest{}); err != nil {
		return err
	}
	if *other != "" {
		if err := strictly(*other, &appsv1.DaemonSet{}); err != nil {
			return err
		}
	}
	d, err := loader.LoadDefinitionFromFile(*definition)
	if err != nil {
		return err
	}
	if *names == "" {
		return nil
	}
	p := daemonset.NewPlugin(*d, namespace, "sonobuoy", "IfNotPresent", "", nil)
	port, err := freePort()
	if err != nil {
		return err
	}
	c := &cluster{client: fake.NewSimpleClientset(), plugin: p}
	if err := c.populate(strings.Split(*names, ",")); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	started := make(chan error, 1)
	go func() { started <- c.start(ctx) }()
	address := "127.0.0.1:" + strconv.Itoa(port)
	config := plugin.AggregationConfig{BindAddress: "127.0.0.1", BindPort: port, AdvertiseAddress: address, TimeoutSeconds: int(timeout.Seconds())}
	aggregated := aggregation.Run(c.client, []plugin.Interface{p}, config, "0", plugin.ResultsDir, namespace, *out)
	cancel()
	c.end()
	if err := <-started; err != nil {
		return err
	}
	if aggregated != nil {
		fmt.Fprintln(os.Stderr, "cluster: the aggregator says:", aggregated)
	}
	return c.archive()
}

// strictly reads YAML into what it has to be, and knows every key of it.
func strictly(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

type cluster struct {
	client  *fake.Clientset
	plugin  *daemonset.Plugin
	running []*exec.Cmd
}

// populate makes the nodes, and the aggregator's pod, which owns what the aggregator makes.
func (c *cluster) populate(nodes []string) error {
	ctx := context.Background()
	for _, name := range nodes {
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"kubernetes.io/os": "linux"}}}
		if _, err := c.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "sonobuoy", Namespace: namespace, Labels: map[string]string{"sonobuoy-component": "aggregator"}}}
	_, err := c.client.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
	return err
}

// start does what the DaemonSet's controller and the kubelets do, when the aggregator has made the DaemonSet.
func (c *cluster) start(ctx context.Context) error {
	var set *appsv1.DaemonSet
	for set == nil {
		list, err := c.client.AppsV1().DaemonSets(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		if len(list.Items) > 0 {
			set = &list.Items[0]
		}
		if ctx.Err() != nil {
			return fmt.Errorf("no DaemonSet was made: %w", ctx.Err())
		}
		time.Sleep(10 * time.Millisecond)
	}
	nodes, err := c.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, node := range nodes.Items {
		pod := &corev1.Pod{ObjectMeta: *set.Spec.Template.ObjectMeta.DeepCopy(), Spec: *set.Spec.Template.Spec.DeepCopy()}
		pod.Name, pod.Namespace, pod.Spec.NodeName = "pod-"+node.Name, namespace, node.Name
		if _, err := c.client.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := c.run(ctx, pod); err != nil {
			return err
		}
	}
	return nil
}

// run runs a pod's two containers as processes, which share a folder and the machine's network.
func (c *cluster) run(ctx context.Context, pod *corev1.Pod) error {
	node := pod.Spec.NodeName
	folder := filepath.Join(*out, "volumes", node)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	// The volume is anybody's, as an emptyDir is.
	if err := os.Chmod(folder, 0o777); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	for _, container := range pod.Spec.Containers {
		command := exec.Command("sh", append([]string{"-c", *kubelet, "kubelet"}, container.Args...)...)
		if container.Name == "sonobuoy-worker" {
			command = exec.Command(*program, container.Command[1:]...)
		}
		command.Env = append(os.Environ(), "NODE="+node)
		for _, variable := range container.Env {
			value, err := c.value(ctx, pod, variable)
			if err != nil {
				return err
			}
			command.Env = append(command.Env, variable.Name+"="+value)
		}
		command.Env = append(command.Env, "SONOBUOY_RESULTS_DIR="+folder, "SONOBUOY_PROGRESS_PORT="+strconv.Itoa(port))
		log, err := os.Create(filepath.Join(*out, "volumes", node+"-"+container.Name+".log"))
		if err != nil {
			return err
		}
		defer log.Close()
		command.Stdout, command.Stderr = log, log
		if err := command.Start(); err != nil {
			return err
		}
		c.running = append(c.running, command)
	}
	return nil
}

// value is that of a variable, as the kubelet finds it.
func (c *cluster) value(ctx context.Context, pod *corev1.Pod, v corev1.EnvVar) (string, error) {
	switch from := v.ValueFrom; {
	case from == nil:
		return v.Value, nil
	case from.FieldRef != nil:
		return map[string]string{"spec.nodeName": pod.Spec.NodeName, "metadata.namespace": namespace, "metadata.name": pod.Name}[from.FieldRef.FieldPath], nil
	case from.SecretKeyRef != nil:
		secret, err := c.client.CoreV1().Secrets(namespace).Get(ctx, from.SecretKeyRef.Name, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		return string(secret.Data[from.SecretKeyRef.Key]), nil
	}
	return "", fmt.Errorf("variable %s is of a kind that is not known here", v.Name)
}

// end deletes the pods: SIGTERM, as the kubelet does, and waits.
func (c *cluster) end() {
	for _, command := range c.running {
		_ = command.Process.Signal(os.Interrupt)
	}
	for _, command := range c.running {
		_ = command.Wait()
	}
}

// archive makes of what was brought together what sonobuoy retrieve brings.
func (c *cluster) archive() error {
	pod, err := aggregation.GetAggregatorPod(c.client, namespace)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(*out, "status.json"), []byte(pod.Annotations[aggregation.StatusAnnotationName]), 0o644); err != nil {
		return err
	}
	item, wrong := results.PostProcessPlugin(c.plugin, *out)
	if len(wrong) > 0 {
		return fmt.Errorf("the results are processed: %v", wrong)
	}
	if err := results.SaveProcessedResults(c.plugin.GetName(), *out, item); err != nil {
		return err
	}
	info, err := json.Marshal(discovery.RunInfo{LoadedPlugins: []string{c.plugin.GetName()}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(*out, "meta"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(*out, "meta", results.InfoFile), info, 0o644); err != nil {
		return err
	}
	return tarball.DirToTarball(*out, *out+".tar.gz", true)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
